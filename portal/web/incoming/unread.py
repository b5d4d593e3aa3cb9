"""Responses to refused bodies, and the stand-in for a body that is too big."""

import io
import json
from collections.abc import Callable
from typing import Any

from werkzeug.exceptions import RequestEntityTooLarge

from portal.web.security import fixed_headers

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
REASONS = {
    "400": (
        "Not everything arrived, and nothing was stored. Please send it again.",
        "सब कुछ नहीं पहुँचा, और कुछ सहेजा नहीं गया। कृपया दोबारा भेजें।",
    ),
    "408": (
        "It came too slowly, and nothing was stored. Please try again in a better network, or with a smaller file.",
        "यह बहुत धीरे पहुँचा, और कुछ सहेजा नहीं गया। कृपया अच्छे नेटवर्क में या छोटी फ़ाइल के साथ फिर कोशिश करें।",
    ),
    "411": (
        "This browser did not say how much it sends. Please try another one.",
        "इस ब्राउज़र ने नहीं बताया कि वह कितना भेज रहा है। कृपया दूसरा ब्राउज़र आज़माएँ।",
    ),
    "503": (
        "Too much is being sent at this moment. Please try again in a few seconds.",
        "इस समय बहुत कुछ भेजा जा रहा है। कृपया कुछ सेकंड बाद फिर कोशिश करें।",
    ),
}
# Static and in both languages, without a query: there may be very many such requests.
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Error: please try again · कृपया फिर कोशिश करें</title><link rel="stylesheet" href="/static/portal.css"></head>
<body><main><article class="card"><h1>Please try again <span lang="hi">कृपया फिर कोशिश करें</span></h1>
<p>{english}</p><p lang="hi">{hindi}</p></article></main></body></html>
"""


class Unread(io.RawIOBase):
    """Stand-in for a body that is too big: reading it raises the 413, which gets the portal's error page."""

    def read(self, size: int = -1) -> bytes:
        """Raise RequestEntityTooLarge, always."""
        raise RequestEntityTooLarge

    def readinto(self, buffer: Any) -> int:
        """The same."""
        raise RequestEntityTooLarge

    def readline(self, size: int | None = -1) -> bytes:
        """The same."""
        raise RequestEntityTooLarge


def refuse(environ: dict[str, Any], start: Callable[..., Any], status: str, *more: tuple[str, str]) -> list[bytes]:
    """Respond without calling the application: JSON to programs, else a page in both languages."""
    english, hindi = REASONS[status[:3]]
    is_json = "json" in environ.get("CONTENT_TYPE", "") + environ.get("HTTP_ACCEPT", "")
    said = {"status": int(status[:3]), "error": english, "fields": {}}
    body = (json.dumps(said) if is_json else PAGE.format(english=english, hindi=hindi)).encode()
    kind = "application/json" if is_json else "text/html; charset=utf-8"
    own = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
    start(status, [*more, *own, *fixed_headers(environ["wsgi.url_scheme"] == "https").items()])
    return [body]
