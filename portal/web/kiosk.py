"""The cookie that makes a browser a centre's kiosk."""

from flask import current_app, request

from portal.base.keys import fingerprint


def kiosk_cookie() -> str:
    """Return the name of the cookie."""
    return "__Host-kiosk" if current_app.config["PORTAL"].is_https else "kiosk"


def kiosk_key() -> str:
    """Return the fingerprint of this browser's key as a kiosk, which may be revoked; else ""."""
    key = request.cookies.get(kiosk_cookie(), "")
    return fingerprint(key) if key else ""
