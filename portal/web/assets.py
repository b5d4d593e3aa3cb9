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


@cache
def _compressed(content: bytes) -> bytes:
    """Compress as well as can be, once: 60 ms for the longest script, and a tenth fewer bytes for everybody."""
    return bytes(brotli.compress(content))


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
    if request.endpoint not in {"static", f"{request.blueprint}.static"} or not response.is_streamed:
        return response
    file, response.direct_passthrough = response.response, False
    response.set_data(response.get_data() if response.status_code == HTTPStatus.OK else b"")
    file.close()  # type: ignore[union-attr]
    if response.mimetype in TEXTS and response.status_code == HTTPStatus.OK and request.accept_encodings["br"]:
        response.set_data(_compressed(response.get_data()))
        response.headers["Content-Encoding"] = "br"
        response.set_etag(f"{response.get_etag()[0]}:br")
    if "v" in request.args:
        response.headers["Cache-Control"] = FOR_A_YEAR
    return response
