"""Session cookie flags, CSRF protection, security headers."""

from urllib.parse import urlsplit

from flask import Flask, Response, request, session
from flask_wtf import CSRFProtect
from werkzeug.exceptions import BadRequest

from portal.base.keys import subkeys
from portal.config import Config
from portal.web.assets import inline_style_source, is_part_of_a_page
from portal.web.sessions import SealedSessions

POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": f"'self' {inline_style_source()}",
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-src": "'self'",
    "frame-ancestors": "'none'",
}
QUIET_FEATURES = "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()"
csrf = CSRFProtect()


def init_security(app: Flask, config: Config) -> None:
    """Configure cookies (S29), CSRF protection and request limits, and add the headers to every response."""
    app.secret_key, *older = subkeys("form tokens")
    app.session_interface = SealedSessions()
    app.config.update(
        WTF_CSRF_SECRET_KEY=[*reversed(older), app.secret_key],  # itsdangerous signs with the last key
        SESSION_COOKIE_NAME="__Host-portal" if config.is_https else "portal",
        SESSION_COOKIE_SECURE=config.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # Origin is checked below, for http on loopback too
        MAX_CONTENT_LENGTH=80 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        MAX_FORM_PARTS=400,
        TRUSTED_HOSTS=_hosts(config),
    )
    app.before_request(refuse_foreign_origin)
    csrf.init_app(app)
    app.after_request(add_headers)


def _hosts(config: Config) -> list[str]:
    host = urlsplit(config.base_url).hostname or "localhost"
    return [host, "127.0.0.1", "localhost", "[::1]"]


def refuse_foreign_origin() -> None:
    """Refuse cross-origin unsafe requests (S31). Our Referrer-Policy makes browsers send `Origin: null`."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    origin = request.headers.get("Origin")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise BadRequest
    if origin not in {None, "null"} and urlsplit(origin).netloc != request.host:
        raise BadRequest


def add_headers(response: Response) -> Response:
    """Add the security headers to every response (S32, S33), and no-store to those with a session.

    Who asks for a static script, style or picture makes no difference, so its session is not even looked at.
    """
    headers, is_document = response.headers, not is_part_of_a_page(response)
    has_body = response.status_code != 304
    for name, value in fixed_headers(request.is_secure, has_body=has_body, is_document=is_document).items():
        headers.setdefault(name, value)
    if is_document and session and "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
    return response


def fixed_headers(is_secure: bool, *, has_body: bool = True, is_document: bool = True) -> dict[str, str]:
    """Return the security headers, also for responses of the live layer, which bypass Flask.

    They speak of a body: the browser keeps those it got with it, and on a 304 they would be half the bytes of a poll.
    Half of them speak of a window: on a script or a style a browser reads none, and they would be a third of its bytes.
    """
    headers = {}
    if has_body:
        headers = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
    if has_body and is_document:
        headers |= {
            "Content-Security-Policy": content_policy(),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Permissions-Policy": QUIET_FEATURES,
        }
    elif has_body:
        headers["X-Frame-Options"] = "DENY"  # all that is left of the policy
    if is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return headers


def content_policy(**changes: str) -> str:
    """Return the CSP header; `changes` replaces single directives, named with underscores."""
    policy = POLICY | {name.replace("_", "-"): value for name, value in changes.items()}
    return "; ".join(f"{name} {value}" for name, value in policy.items())
