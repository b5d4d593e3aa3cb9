"""The portal, and beside it a minimal WSGI application as the baseline of ratios."""

from collections.abc import Iterable
from typing import Any

from portal.wsgi import app as portal

BODY = b"hello"
HEADERS = [("Content-Type", "text/plain"), ("Content-Length", str(len(BODY)))]


def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Route /hello to the baseline, everything else to the portal."""
    if environ["PATH_INFO"] == "/hello":
        start_response("200 OK", HEADERS)
        return [BODY]
    return portal(environ, start_response)
