"""Bodies that are not taken in: how that is said, and what stands in their place."""

import io
import json
from collections.abc import Callable
from typing import Any

from werkzeug.exceptions import RequestEntityTooLarge

from portal.web.security import fixed_headers

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
REASONS = {
    "400": "The body broke off before its end.",
    "408": "The body came too slowly.",
    "411": "A form has to say how long it is.",
    "503": "Too many bodies are on their way. Please try again in a few seconds.",
}


class Unread(io.RawIOBase):
    """In the place of a body that is too big: who reads it learns that, and the page is the portal's own."""

    def read(self, size: int = -1) -> bytes:
        """Raises RequestEntityTooLarge, always."""
        raise RequestEntityTooLarge

    def readinto(self, buffer: Any) -> int:
        """The same."""
        raise RequestEntityTooLarge

    def readline(self, size: int | None = -1) -> bytes:
        """The same."""
        raise RequestEntityTooLarge


def refuse(environ: dict[str, Any], start: Callable[..., Any], status: str, *more: tuple[str, str]) -> list[bytes]:
    """Answer before the application is asked: JSON where a program speaks, else a line that a browser shows."""
    reason = REASONS[status[:3]]
    is_json = "json" in environ.get("CONTENT_TYPE", "") + environ.get("HTTP_ACCEPT", "")
    said = {"status": int(status[:3]), "error": reason, "fields": {}}
    body = (json.dumps(said) if is_json else f"{status}. {reason}").encode()
    kind = "application/json" if is_json else "text/plain"
    own = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
    start(status, [*more, *own, *fixed_headers(is_secure=environ["wsgi.url_scheme"] == "https").items()])
    return [body]
