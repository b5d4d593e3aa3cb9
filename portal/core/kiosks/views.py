"""The pages of a kiosk: pairing, the start page, the desk's code, and whether somebody is still there."""

from flask import Blueprint, Response, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import logout_user

from portal.base import typed
from portal.base.clock import now
from portal.base.errors import Invalid, TooMany
from portal.core.accounts import sign_ins
from portal.core.accounts.browser_views import device_cookie, sign_in_browser
from portal.core.accounts.here import me
from portal.core.accounts.kiosks import pairing
from portal.core.accounts.kiosks.listed import find_kiosk
from portal.core.kiosks import handing, page_views, tries
from portal.web.access import (
    STILL,
    allow,
    client_address,
    limit_to_visit,
    only_visit,
    why_out,
)
from portal.web.kiosk import kiosk_cookie, kiosk_key
from portal.web.pages import own_path, page, see_other

bp = Blueprint("kiosks", __name__)
YEAR = 365 * 24 * 3600
OURS = {"csrf_token"}


@bp.get("/kiosk")
@allow("anyone")
def start() -> ResponseReturnValue:
    """Show the start page, and forget in this browser who was here; a device that is no kiosk asks for its code."""
    if kiosk_key() and find_kiosk(kiosk_key()) is None:
        return _as_unpaired(page_views.pairing_page({}, is_revoked=True))
    if not kiosk_key():
        return page_views.pairing_page({})
    if me():
        visit = only_visit()
        return see_other(url_for("visits.show", uid=visit) if visit else url_for("accounts.login"))
    why, was_used = why_out(), bool(set(session) - OURS)
    session.clear()
    response = page_views.start_page(is_over=why == "ended")
    response.delete_cookie("lang", httponly=True, samesite="Lax", secure=request.is_secure)
    if was_used:
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@bp.post("/kiosk")
@allow("anyone")
def pair() -> ResponseReturnValue:
    """Pair this device by a code. Nobody stays signed in, and no family's number stays known here."""
    try:
        with tries.counted(client_address(), now=now()):
            key = pairing.pair(typed.code(request.form.get("code", "")), now=now())
    except (Invalid, TooMany) as error:
        return page_views.again(error, page_views.pairing_page)
    person = me()
    if person:
        sign_ins.end(person, now=now())
    logout_user()
    session.clear()
    response = _as_unpaired(see_other(url_for("kiosks.start")))
    response.set_cookie(kiosk_cookie(), key, YEAR, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


@bp.route("/kiosk/code", methods=["GET", "POST"])
@allow("anyone")
def code() -> ResponseReturnValue:
    """Open the visit of a code from the desk, by a sign-in for this visit and its call alone."""
    kiosk = find_kiosk(kiosk_key())
    if kiosk is None:
        return see_other(url_for("kiosks.start"))
    if request.method == "GET":
        return page_views.code_page({})
    try:
        with tries.counted(client_address(), now=now()):
            person, visit = handing.take(typed.code(request.form.get("code", "")), kiosk, now=now())
    except (Invalid, TooMany) as error:
        return page_views.again(error, page_views.code_page)
    response = sign_in_browser(person, url_for("visits.show", uid=visit.uid))
    limit_to_visit(visit.uid)
    return response


@bp.get(STILL)
@allow("anyone")
def still() -> ResponseReturnValue:
    """Ask whether somebody is still there, for browsers without JavaScript. Looking at it is no touch."""
    if me() is None:
        return see_other(url_for("kiosks.start"))
    return page("kiosks/still.html", back=_back())


@bp.post("/kiosk/here")
@allow("anyone")
def here() -> ResponseReturnValue:
    """Go on: as a request that somebody pressed for, it touches the sign-in."""
    return see_other(_back() if me() else url_for("kiosks.start"))


def _back() -> str:
    return own_path(request.values.get("back", ""), "/home")


def _as_unpaired(response: Response) -> Response:
    """Take from a browser its key as a kiosk, and whom it knows."""
    for name in (kiosk_cookie(), device_cookie()):
        response.delete_cookie(name, secure=request.is_secure, httponly=True, samesite="Lax")
    return response
