"""A test client that submits forms as the page shows them, with the CSRF token."""

import re
from typing import Any

from flask import g, has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
LOOSE = re.compile(r"unsafe-|\*|(?:script|style|default|frame|connect)-src[^;]* (?:data|http):")
OF_A_BODY = ("X-Content-Type-Options", "Referrer-Policy")
OF_A_DOCUMENT = ("Content-Security-Policy", "Permissions-Policy")
PARTS = ("text/css", "text/javascript", "image/png")  # of a page; whatever else has an address could be opened


def look_at(answer: TestResponse) -> None:
    """Whatever a test asks for: the headers of every answer are safe (S32, S33), and so are its cookies (S29)."""
    is_part = "/static/" in answer.request.path and answer.mimetype in PARTS
    if answer.status_code != 304:
        wanted = OF_A_BODY if is_part else OF_A_BODY + OF_A_DOCUMENT
        missing = [name for name in wanted if name not in answer.headers]
        assert missing == [], f"{answer.request.path} answers without {missing}"
    if answer.status_code != 304 and not is_part:
        policy = answer.headers["Content-Security-Policy"]
        assert not LOOSE.search(policy), policy
        framed = "'self'" if answer.request.path.startswith("/x/") and "ancestors 'self'" in policy else "'none'"
        of_page = {"object-src 'none'", f"frame-ancestors {framed}"}  # a plugin may frame its own page in ours
        assert "sandbox" in policy or of_page <= set(policy.split("; ")), policy
    for cookie in answer.headers.getlist("Set-Cookie"):
        parts = set(cookie.split("; "))
        assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= parts, cookie
        assert len(cookie) < 4096, cookie
        assert ("Secure" in parts) == cookie.startswith("__Host-"), cookie


class Browser(FlaskClient):
    """A test client that submits forms as a browser does."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        """Send a request, without leaking the person of the previous one through the test's application context."""
        if has_app_context():
            for name in list(g):
                g.pop(name)
        answer = super().open(*args, **options)
        look_at(answer)
        return answer

    def submit(
        self, url: str, data: dict[str, Any] | None = None, page: str | None = None, **options: Any
    ) -> TestResponse:
        """Open `page` (default: `url`), take its CSRF token, idempotency key and version, and post `data` to `url`."""
        hidden = self.hidden_fields(page or url)
        token = hidden.get("csrf_token") or self.hidden_fields("/help").get("csrf_token", "")
        carried = {name: hidden[name] for name in ("idempotency_key", "version") if name in hidden}
        body = {"csrf_token": token} | carried
        return self.post(url, data=body | (data or {}), **options)

    def hidden_fields(self, url: str) -> dict[str, str]:
        """Read a page's hidden inputs, and the csrf meta tag as csrf_token; none on an error."""
        text = self.get(url).get_data(as_text=True)
        found = {}
        for tag in HIDDEN.findall(text):
            name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
            if name:
                found.setdefault(name.group(1), value.group(1) if value else "")
        meta = re.search(r'<meta name="csrf-token" content="([^"]+)"', text)
        return ({"csrf_token": meta.group(1)} if meta else {}) | found
