"""The patient's page of the call, the bar that leads to it, and the short link of its SMS.

A GET of the link changes nothing, is no presence and names nobody.
"""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import NotFound
from portal.base.language import current, in_language
from portal.core.accounts.browser_views import device_of, sign_in_browser
from portal.core.accounts.here import account, me
from portal.core.calls import bar as bars
from portal.core.calls import call_log, rooms, short_links
from portal.core.calls.models import ShortLink
from portal.core.calls.modes import PHONE
from portal.core.calls.rooms import Call
from portal.core.records import reading
from portal.core.visits.models import Visit
from portal.core.visits.states import CALLED, IN_CALL
from portal.plugin_host.registry import registry
from portal.web.access import actor, allow, limit_to_visit, only_visit
from portal.web.pages import own_path, page, see_other

bp = Blueprint("calls", __name__)


@bp.app_context_processor
def of_every_page() -> dict[str, Any]:
    """Add the bar that leads to the call, made when a page asks for it."""
    return {"call_bar": _bar_of_page}


@bp.get("/call-bar")
@allow("beneficiary")
def bar() -> ResponseReturnValue:
    """Answer the bar's poll: nothing new, another bar, or none and no further poll. This is not presence."""
    found = bars.bar_of(account(), now())
    if found is None:
        return "", 200
    if request.args.get("seen") == found.key:
        return "", 204
    return render_template("consults/_bar.html", bar=found, page=own_path(request.args.get("page", ""), "/"))


@bp.get("/visits/<uid>/room")
@allow("beneficiary", within="visit")
def room(uid: str) -> ResponseReturnValue:
    """Show the call to the patient."""
    visit = Visit.get_or_none(Visit.uid == uid)
    if visit is None or visit.beneficiary.account_id != account().id:
        raise NotFound
    here, left = url_for("calls.room", uid=uid), url_for("visits.show", uid=uid)
    if request.args.get("part") == "beat":
        return beat_of(visit, here=here, left=left)
    if visit.state == CALLED:
        return see_other(left)
    rooms.require_open(visit)
    call = rooms.enter_as_patient(
        registry(), visit, name=in_language(visit.beneficiary.entry), language=current(), by=actor(), now=now()
    )
    shared = reading.overview_of(visit) | {"with_passwords": False, "reports": ""}
    shared |= {"may_add": False} if only_visit() else {}
    return room_page(visit, call, here=here, left=left, **shared)


def room_page(visit: Visit, call: Call, *, here: str, left: str, **shared: Any) -> ResponseReturnValue:
    """Build the patient's side of the call. `here`: the address of the page; `left`: where leaving it leads."""
    is_screen = call.link is not None and call.link.kind == "embed"
    shown: dict[str, Any] = {"visit": visit, "call": call, "doctor": visit.doctor, "here": here, "left": left}
    return page("consults/room.html", is_screen=is_screen, **shown, **shared)


def beat_of(visit: Visit, *, here: str, left: str) -> ResponseReturnValue:
    """Answer the poll of the patient's side: the call is over, or changed to telephone or back to video."""
    if visit.state != IN_CALL:
        return see_other(left)
    by_phone = call_log.mode_of(visit) == PHONE
    return see_other(here) if by_phone != (request.args.get("mode") == PHONE) else ("", 204)


@bp.get("/s/<key>")
@allow("anyone")
def short_link(key: str) -> ResponseReturnValue:
    """Lead to the visit's page who is signed in, offer it on a known device, and anywhere else the ordinary sign-in."""
    link, person = short_links.find(key, now()), me()
    if link and person and person.account == link.visit.beneficiary.account:
        return see_other(url_for("visits.show", uid=link.visit.uid))
    if link and not person and _is_known(link):
        return page("visits/short_link.html", key=key)
    return see_other(url_for("accounts.login"))


@bp.post("/s/<key>")
@allow("anyone")
def follow_short_link(key: str) -> ResponseReturnValue:
    """Open the visit's page on a known device, once, by a sign-in for this visit and its call alone."""
    link = short_links.find(key, now())
    if link is None or not _is_known(link):
        return see_other(url_for("accounts.login"))
    person = short_links.sign_in_by_link(link, now=now())
    if person is None:
        return see_other(url_for("accounts.login"))
    response = sign_in_browser(person, url_for("visits.show", uid=link.visit.uid))
    limit_to_visit(link.visit.uid)
    return response


def _bar_of_page() -> bars.Bar | None:
    """Return the bar of a family's page; its visit's own pages say more."""
    person = me()
    if person is None or person.account is None or only_visit():
        return None
    found = bars.bar_of(person.account, now())
    own = found and (f"/visits/{found.visit.uid}", f"/visits/{found.visit.uid}/room")
    return found if not own or request.path not in own else None


def _is_known(link: ShortLink) -> bool:
    return bool(device_of(link.visit.beneficiary.account.mobile))
