"""A browser for tests: it fills forms as a page shows them, CSRF field included."""

import re
from typing import Any

from flask import g, has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')


class Browser(FlaskClient):
    """A test client that can submit a form the way a person does."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        """Ask; the test's own application context must not carry one request's person into the next."""
        if has_app_context():
            for name in list(g):
                g.pop(name)
        return super().open(*args, **options)

    def submit(
        self, url: str, data: dict[str, Any] | None = None, page: str | None = None, **options: Any
    ) -> TestResponse:
        """Open `page` (default: `url`), take its CSRF token, form key and version, and post `data` to `url`."""
        hidden = self.hidden_fields(page or url)
        token = hidden.get("csrf_token") or self.hidden_fields("/help").get("csrf_token", "")
        carried = {name: hidden[name] for name in ("idempotency_key", "version") if name in hidden}
        body = {"csrf_token": token} | carried
        return self.post(url, data=body | (data or {}), **options)

    def hidden_fields(self, url: str) -> dict[str, str]:
        """Hidden inputs of a page, and the csrf meta tag as csrf_token; a page that answers nothing useful has none."""
        text = self.get(url).get_data(as_text=True)
        found = {}
        for tag in HIDDEN.findall(text):
            name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
            if name:
                found.setdefault(name.group(1), value.group(1) if value else "")
        meta = re.search(r'<meta name="csrf-token" content="([^"]+)"', text)
        return ({"csrf_token": meta.group(1)} if meta else {}) | found
