"""The desk and the doctor's call: it rings on every page of the desk, is answered there, and the desk sits in it."""

from collections.abc import Callable

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Conflict, Gone
from portal.base.language import current, in_language
from portal.base.language import gettext as _
from portal.core.accounts.here import me
from portal.core.calls import rooms
from portal.core.calls.views import beat_of, room_page
from portal.core.desk import tokens
from portal.core.desk.at_desk import AtDesk, calls_among
from portal.core.desk.here import desk
from portal.core.visits.states import CALLED
from portal.plugin_host.registry import registry
from portal.web.access import actor, allow
from portal.web.pages import see_other

bp = Blueprint("desk_calls", __name__)


@bp.app_context_processor
def of_every_page() -> dict[str, Callable[[], AtDesk | None]]:
    """Add the bar of calls to the desk's pages, made when a page asks for it."""
    return {"desk_calls": _calls_on_page}


@bp.get("/desk/calls")
@allow("desk")
def ringing() -> ResponseReturnValue:
    """Answer the bar's poll: whom the doctor calls, in which call the desk sits, or none and no further poll."""
    found = _calls()
    return "" if found is None else render_template("desk/_calls.html", calls=found)


@bp.post("/desk/tokens/<uid>/call")
@allow("desk")
def answer(uid: str) -> ResponseReturnValue:
    """Answer the doctor's call for the person: sit in it together by video, or the doctor phones."""
    try:
        visit = tokens.answer_call(desk(), uid, by=actor(), now=now())
        if request.form.get("by") == "video":
            return see_other(url_for("desk_calls.room", uid=uid))
        rooms.answer_by_phone(registry(), visit, by=actor(), now=now())
    except (Conflict, Gone) as error:
        flash(error.message, "warn")
        return see_other(url_for("desk_tokens.index"))
    flash(_("The doctor is told, and phones now."), "success")
    return see_other(url_for("desk_tokens.index"))


@bp.get("/desk/tokens/<uid>/room")
@allow("desk")
def room(uid: str) -> ResponseReturnValue:
    """Sit with the person in the call, on the patient's side (audited). No record and no notes are shown."""
    visit = tokens.visit_of(desk(), uid, on=now())
    here, left = url_for("desk_calls.room", uid=uid), url_for("desk_tokens.index")
    if request.args.get("part") == "beat":
        return beat_of(visit, here=here, left=left)
    if visit.state == CALLED:
        return see_other(left)
    rooms.require_open(visit)
    try:
        name, language = in_language(visit.beneficiary.entry), current()
        call = rooms.enter_as_helper(registry(), visit, desk(), name=name, language=language, by=actor(), now=now())
    except Conflict as error:
        flash(error.message, "warn")
        return see_other(left)
    return room_page(
        visit, call, here=here, left=left, may_add=False, reports=url_for("desk_records.listed", uid=visit.uid)
    )


def _calls_on_page() -> AtDesk | None:
    """Return the calls; the page of tokens says them itself."""
    person = me()
    is_desk = person is not None and person.staff is not None and person.staff.centre is not None
    says_itself = request.endpoint in ("desk_tokens.index", "desk_calls.room")
    return _calls() if is_desk and not says_itself else None


def _calls() -> AtDesk | None:
    return calls_among(tokens.helped_today(desk(), now()), desk().uid, now())
