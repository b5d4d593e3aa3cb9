"""Static files with cache busting: a content hash in the URL, cached for a year, never stale."""

import hashlib
import re
from base64 import b64encode
from functools import cache
from http import HTTPStatus
from pathlib import Path

import brotli
from flask import Flask, Response, current_app, request, url_for
from markupsafe import Markup

STYLE = Path(__file__).with_name("static") / "portal.css"
TEXTS = ("text/css", "text/javascript", "image/svg+xml")
PARTS = ("text/css", "text/javascript", "image/png")  # an SVG may be opened by itself, and hold a script
NOTES = re.compile(rb"^[ \t]*/\*.*?\*/[ \t]*\n|[ \t]+/\*[^\n]*?\*/[ \t]*$|^[ \t]+", re.DOTALL | re.MULTILINE)
FOR_A_YEAR = "public, max-age=31536000, immutable"


def init_assets(app: Flask) -> None:
    """Register the template function `asset` and the Cache-Control header."""
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["inline_style"] = Markup(inline_style())  # noqa: S704 our own file
    app.after_request(_set_cache_headers)


def asset(name: str, plugin: str | None = None) -> str:
    """Return the URL of a static file of the portal, or of a plugin, with its content hash."""
    folder = current_app.blueprints[plugin].static_folder if plugin else current_app.static_folder
    endpoint = f"{plugin}.static" if plugin else "static"
    return url_for(endpoint, filename=name, v=_fingerprint(str(folder), name))


def is_part_of_a_page(response: Response) -> bool:
    """Is this a static file that no window and no worker opens by itself? Headers of documents say nothing there."""
    return is_static() and response.mimetype in PARTS


def is_static() -> bool:
    """Does the request ask for a static file, of the portal or of a plugin?"""
    return request.endpoint in {"static", f"{request.blueprint}.static"}


@cache
def _compressed(content: bytes) -> bytes:
    """Compress as well as can be, once: 60 ms for the longest script, and a tenth fewer bytes for everybody."""
    return bytes(brotli.compress(content))


def without_notes(content: bytes) -> bytes:
    """Take the comments that fill a line or end it, and the indentation: a fifth of a script on a slow line."""
    return NOTES.sub(b"", content)


@cache
def inline_style() -> str:
    """Return the style sheet for pages before sign-in, which hold it: the first thing seen costs one request."""
    return re.sub(r"/\*.*?\*/\n*", "", STYLE.read_text(), flags=re.DOTALL).strip()


def inline_style_source() -> str:
    """Return the CSP source that allows the inline style, and no other."""
    return f"'sha256-{b64encode(hashlib.sha256(inline_style().encode()).digest()).decode()}'"


@cache
def _fingerprint(folder: str, name: str) -> str:
    return hashlib.sha256((Path(folder) / name).read_bytes()).hexdigest()[:10]


def _set_cache_headers(response: Response) -> Response:
    """Make fingerprinted files cacheable. Read and close the small file at once: the compressor leaks streams."""
    if not is_static() or not response.is_streamed:
        return response
    file, response.direct_passthrough = response.response, False
    response.set_data(response.get_data() if response.status_code == HTTPStatus.OK else b"")
    file.close()  # type: ignore[union-attr]
    if response.mimetype in TEXTS and response.status_code == HTTPStatus.OK and request.accept_encodings["br"]:
        is_ours = "vendor/" not in request.path and response.mimetype in PARTS  # of others we keep the licence
        response.set_data(_compressed((without_notes if is_ours else bytes)(response.get_data())))
        response.headers["Content-Encoding"] = "br"
        response.set_etag(f"{response.get_etag()[0]}:br")
    if "v" in request.args:
        response.headers["Cache-Control"] = FOR_A_YEAR
    return response
