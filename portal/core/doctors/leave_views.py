"""The page of doctors' leave: for a doctor the own, with the own roster, for the administrator everybody's."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.base.clock import clinic_day, now
from portal.base.errors import Conflict, Invalid, NotFound
from portal.core.accounts.here import staff
from portal.core.accounts.models import Staff
from portal.core.doctors import leave
from portal.core.doctors.planning import changing, shown, words
from portal.core.doctors.planning import question_views as asking
from portal.core.doctors.planning.deeds import Deed
from portal.core.doctors.planning.forms import Place, place_of, read_end, read_leave
from portal.web.access import actor, allow
from portal.web.forms.once import once
from portal.web.pages import is_fragment_request, page, see_other, wants_json

bp = Blueprint("leave", __name__)


@bp.get("/leave")
@allow("doctor", "admin")
def leave_page() -> ResponseReturnValue:
    """List leaves, with a form for one more; for a doctor also the own roster."""
    return _page(200)


@bp.post("/leave")
@allow("doctor", "admin")
@once
def take_leave() -> ResponseReturnValue:
    """Mark a doctor away for days, for halves of them, or the rest of today; asks first where somebody waits."""
    if request.form.get("again"):
        return _page(200)
    doctor, place = _whose()
    form = request.form.to_dict() | {"doctor": doctor.username}
    try:
        return _answer(Deed("leave", place.specialty, read_leave(form, place, clinic_day(now()))), form)
    except (Conflict, Invalid) as error:
        return _refused(error)


@bp.post("/leave/end")
@allow("doctor", "admin")
def end_leave() -> ResponseReturnValue:
    """End a doctor's leave, or half day, of a day."""
    doctor, place = _whose()
    try:
        return _answer(Deed("leave", place.specialty, read_end(request.form, place, doctor.id)), request.form.to_dict())
    except Conflict as error:
        return _refused(error)


def _answer(deed: Deed, form: dict[str, str]) -> ResponseReturnValue:
    """Do it where nobody waits and no day loses its clinic, else ask first. Raises Conflict."""
    asked = changing.do_or_ask(deed, asking.seen_in(form), asks=False, by=actor(), now=now())
    if asked is None:
        return see_other("/leave")
    warning = asking.stale() if asked.is_stale else ""
    names = shown.names(deed.specialty)
    return asking.question(deed, asked.effect, form, names, status=Conflict.status, warning=warning)


def _refused(error: Conflict | Invalid) -> ResponseReturnValue:
    if wants_json() or is_fragment_request():
        raise error
    return _page(error.status, error.fields if isinstance(error, Invalid) else {"": str(error)})


def _page(status: int, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    own, moment = staff() if staff().role == "doctor" else None, now()
    today = clinic_day(moment)
    return page(
        "visits/leave.html",
        status=status,
        errors=errors or {},
        form=request.form,
        own=own,
        today=today,
        doctors=[] if own else shown.all_doctors(),
        leaves=leave.leaves_ahead(moment, own),
        half_days=leave.half_days_ahead(moment, own),
        roster=shown.days_ahead(own, place_of(own.specialty, today), today) if own and own.specialty else [],
        parts=words.parts(),
    )


def _whose() -> tuple[Staff, Place]:
    """Return whose leave it is: a doctor's own, or any chosen by an administrator. Raises NotFound."""
    chosen = (Staff.username == request.form.get("doctor", "")) & (Staff.role == "doctor")
    found = staff() if staff().role == "doctor" else Staff.get_or_none(chosen)
    if found is None or found.specialty is None:
        raise NotFound
    return found, place_of(found.specialty, clinic_day(now()))
