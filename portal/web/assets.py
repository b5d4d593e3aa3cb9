"""Static files: named by their content, so a browser keeps one for a year and never uses an old one."""

import hashlib
from functools import cache
from http import HTTPStatus
from pathlib import Path

from flask import Flask, Response, current_app, request, url_for

FOR_A_YEAR = "public, max-age=31536000, immutable"


def init_assets(app: Flask) -> None:
    """Give templates `asset`, and let the named files be kept."""
    app.jinja_env.globals["asset"] = asset
    app.after_request(_keep)


def asset(name: str, plugin: str | None = None) -> str:
    """The address of a static file of the portal, or of a plugin, with its fingerprint."""
    folder = current_app.blueprints[plugin].static_folder if plugin else current_app.static_folder
    endpoint = f"{plugin}.static" if plugin else "static"
    return url_for(endpoint, filename=name, v=_fingerprint(str(folder), name))


@cache
def _fingerprint(folder: str, name: str) -> str:
    return hashlib.sha256((Path(folder) / name).read_bytes()).hexdigest()[:10]


def _keep(response: Response) -> Response:
    """They are small: read and closed at once, as the compressor never closes a stream."""
    if request.endpoint not in {"static", f"{request.blueprint}.static"} or not response.is_streamed:
        return response
    file, response.direct_passthrough = response.response, False
    response.set_data(response.get_data() if response.status_code == HTTPStatus.OK else b"")
    file.close()  # type: ignore[union-attr]
    if "v" in request.args:
        response.headers["Cache-Control"] = FOR_A_YEAR
    return response
