"""The browser's side of a sign-in: a new session, the cookie of known devices, the redirect."""

import re

from flask import Response, current_app, request, session
from flask_login import login_user

from portal.base import signed
from portal.base.clock import now
from portal.base.keys import random_uid
from portal.base.language import current
from portal.base.roles import ROLES
from portal.core.accounts import otp, services
from portal.core.accounts.kiosks.pairing import bind
from portal.core.accounts.sign_ins import SignedIn
from portal.web.access import client_address, is_for
from portal.web.forms import kept
from portal.web.kiosk import kiosk_key
from portal.web.pages import own_path, see_other

LOOPBACK = {"127.0.0.1", "::1"}
PURPOSE = "known device"
COOKIE_SECONDS = 180 * 24 * 3600
MAX_PEOPLE = 8  # per browser: a family's numbers, staff who share a computer
NAME = re.compile(r"[A-Za-z0-9_-]{22}")


def sign_in_browser(person: SignedIn, target: str) -> Response:
    """Begin the session and redirect to `target` if this role has permission for it, else to the role's home.

    A centre's kiosk remembers nobody, and once it is revoked nobody signs in there.
    """
    kiosk = kiosk_key()
    if kiosk and not bind(person, kiosk, now=now()):
        return see_other("/kiosk")
    begin_session(person)
    wanted = own_path(target, "")
    response = see_other(wanted if wanted and is_for(wanted, person.role) else ROLES[person.role].home)
    if kiosk:
        return response
    secure = current_app.config["PORTAL"].is_https
    name, known = device_cookie(), remember(services.known_as(person), request.cookies.get(device_cookie(), ""))
    response.set_cookie(name, known, COOKIE_SECONDS, httponly=True, samesite="Lax", secure=secure)
    return response


def begin_session(person: SignedIn) -> None:
    """Begin a new session (S26): nothing of the anonymous session is kept."""
    session.clear()
    login_user(person)
    session.pop("_id", None)  # of Flask-Login's session protection, which is off: half the cookie of every poll
    if person.role == "beneficiary":
        session["fresh"] = True  # until the family's home is opened
    if kept.has_any(person.actor.uid, now=now()):
        session["kept"] = True


def request_code(mobile: str) -> str | None:
    """Send an OTP to a number that this browser asks for; return the challenge, None when it is rate-limited."""
    config, address = current_app.config["PORTAL"], client_address()
    return otp.ask(
        mobile,
        address,
        device=device_of(mobile),
        language=current(),
        now=now(),
        free_of_limits=not config.demo_limits and address in LOOPBACK,
    )


def device_of(who: str) -> str:
    """Return the device name of this browser if this person has signed in on it before, else ""."""
    return known_device(who, request.cookies.get(device_cookie(), ""))


def device_name() -> str:
    """Return the device name of this browser, whoever has signed in on it; "" before anybody has."""
    name = request.cookies.get(device_cookie(), "").split(".")[0]
    return name if NAME.fullmatch(name) else ""


def device_cookie() -> str:
    """Return the name of the cookie of known devices."""
    return "__Host-device" if current_app.config["PORTAL"].is_https else "device"


def remember(who: str, cookie: str) -> str:
    """Return the cookie's new value after `who` (a mobile, or staff) has signed in; newest first."""
    device, *marks = cookie.split(".")
    if not NAME.fullmatch(device):
        device, marks = random_uid(), []
    own = signed.mark(PURPOSE, _text(device, who))
    others = [mark for mark in marks if mark != own and not _is_of(device, who, mark)]
    return ".".join([device, own, *others[: MAX_PEOPLE - 1]])


def known_device(who: str, cookie: str) -> str:
    """Return the device name if this person has signed in on it, else ""."""
    device, *marks = cookie.split(".")
    return device if any(_is_of(device, who, mark) for mark in marks[:MAX_PEOPLE]) else ""


def _is_of(device: str, who: str, mark: str) -> bool:
    return signed.is_mark(PURPOSE, mark, _text(device, who))


def _text(device: str, who: str) -> str:
    return f"{device}\x1f{who}"
