"""What happens in the browser when somebody comes in: a new session, a known device, the page that was wanted."""

from flask import Response, current_app, request, session
from flask_login import login_user

from portal.base.clock import now
from portal.core.accounts import devices, services
from portal.core.accounts.sign_ins import SignedIn
from portal.web.access import is_for
from portal.web.forms import kept
from portal.web.next_page import own_path
from portal.web.pages import see_other

FIRST_PAGE = {
    "medical_officer": "/referrals", "doctor": "/board", "pharmacist": "/dispense", "admin": "/admin",
    "auditor": "/admin/audit", "desk": "/desk", "beneficiary": "/home",
}  # fmt: skip


def come_in(person: SignedIn, target: str) -> Response:
    """Begin the browser's session and go on to the page that was wanted, when it is one of this role's."""
    begin_session(person)
    wanted = own_path(target, "")
    response = see_other(wanted if wanted and is_for(wanted, person.role) else FIRST_PAGE[person.role])
    secure = current_app.config["PORTAL"].is_https
    name, known = _cookie(), devices.remember(services.known_as(person), request.cookies.get(_cookie(), ""))
    response.set_cookie(name, known, devices.KEPT_SECONDS, httponly=True, samesite="Lax", secure=secure)
    return response


def begin_session(person: SignedIn) -> None:
    """A new session for the signed-in (S26): nothing of the stranger's goes along."""
    session.clear()
    login_user(person)
    if kept.has_any(person.actor.uid, now=now()):
        session["kept"] = True


def device_of(who: str) -> str:
    """The name of this browser when this person has signed in on it before, else an empty text."""
    return devices.device_of(who, request.cookies.get(_cookie(), ""))


def _cookie() -> str:
    return "__Host-device" if current_app.config["PORTAL"].is_https else "device"
