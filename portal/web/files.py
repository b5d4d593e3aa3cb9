"""Handing out stored files so that they can do nothing in the browser (S48)."""

from urllib.parse import quote

from flask import Response, current_app


def send_bytes(content: bytes, mime: str, name: str, *, inline: bool = False) -> Response:
    """A file as an answer: sandboxed, not sniffed, not cached, its name as RFC 6266 wants it."""
    response = current_app.response_class(content, mimetype=mime)
    disposition = "inline" if inline else "attachment"
    response.headers["Content-Disposition"] = f"{disposition}; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response
