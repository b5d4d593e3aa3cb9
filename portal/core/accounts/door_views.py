"""What happens in the browser when somebody comes in: a new session, a known device, the page that was wanted."""

import re

from flask import Response, current_app, request, session
from flask_login import login_user

from portal.base import signed
from portal.base.clock import now
from portal.base.keys import random_uid
from portal.base.roles import ROLES
from portal.core.accounts import services
from portal.core.accounts.sign_ins import SignedIn
from portal.web.access import is_for
from portal.web.forms import kept
from portal.web.pages import own_path, see_other

PURPOSE = "known device"
KEPT_SECONDS = 180 * 24 * 3600
PEOPLE = 8  # of one browser: the family's numbers, the staff who share a computer
NAME = re.compile(r"[A-Za-z0-9_-]{22}")


def come_in(person: SignedIn, target: str) -> Response:
    """Begin the browser's session and go on to the page that was wanted, when it is one of this role's."""
    begin_session(person)
    wanted = own_path(target, "")
    response = see_other(wanted if wanted and is_for(wanted, person.role) else ROLES[person.role].home)
    secure = current_app.config["PORTAL"].is_https
    name, known = _cookie(), remember(services.known_as(person), request.cookies.get(_cookie(), ""))
    response.set_cookie(name, known, KEPT_SECONDS, httponly=True, samesite="Lax", secure=secure)
    return response


def begin_session(person: SignedIn) -> None:
    """A new session for the signed-in (S26): nothing of the stranger's goes along."""
    session.clear()
    login_user(person)
    if kept.has_any(person.actor.uid, now=now()):
        session["kept"] = True


def device_of(who: str) -> str:
    """The name of this browser when this person has signed in on it before, else an empty text."""
    return known_device(who, request.cookies.get(_cookie(), ""))


def _cookie() -> str:
    return "__Host-device" if current_app.config["PORTAL"].is_https else "device"


def remember(who: str, cookie: str) -> str:
    """What the cookie holds after somebody (a mobile, or a member of staff) has signed in; the newest stands first."""
    device, *marks = cookie.split(".")
    if not NAME.fullmatch(device):
        device, marks = random_uid(), []
    own = signed.mark(PURPOSE, _text(device, who))
    others = [mark for mark in marks if mark != own and not _is_of(device, who, mark)]
    return ".".join([device, own, *others[: PEOPLE - 1]])


def known_device(who: str, cookie: str) -> str:
    """The name of this device when this person has signed in on it, else an empty text."""
    device, *marks = cookie.split(".")
    return device if any(_is_of(device, who, mark) for mark in marks[:PEOPLE]) else ""


def _is_of(device: str, who: str, mark: str) -> bool:
    return signed.is_mark(PURPOSE, mark, _text(device, who))


def _text(device: str, who: str) -> str:
    return f"{device}\x1f{who}"
