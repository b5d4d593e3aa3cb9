"""The page of a visit's exceptional steps: emergency call, transfer, ending without a consultation."""

from collections.abc import Callable

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Conflict, Invalid
from portal.base.language import in_language
from portal.core.boards import history, words
from portal.core.consults.services import written_before
from portal.core.doctors.permissions import doctor_here, reachable
from portal.core.visits import attendance, calling, outcomes, transfers
from portal.core.visits.models import Visit
from portal.core.visits.states import ACTIVE, NO_SHOW, READY, TRANSFERRED, allowed
from portal.web.access import actor, allow
from portal.web.pages import is_fragment_request, page, see_other, wants_json

bp = Blueprint("steps", __name__)


@bp.get("/visits/<uid>/steps")
@allow("doctor")
def show(uid: str) -> ResponseReturnValue:
    """Show the visit's history and the exceptional steps the doctor can take."""
    visit = reachable(uid, *doctor_here())
    attendance.renew_lease(doctor_here()[0], now(), polled=False)
    return _page(visit)


@bp.post("/visits/<uid>/emergency")
@allow("doctor")
def emergency(uid: str) -> ResponseReturnValue:
    """Call this patient now, out of turn, with a reason."""
    doctor, _ = doctor_here()
    reason = request.form.get("reason", "")
    return _step(
        uid,
        f"/visits/{uid}/consult",
        lambda visit: calling.call_emergency(visit, doctor, reason=reason, by=actor(), now=now()),
    )


@bp.post("/visits/<uid>/transfer")
@allow("doctor")
def transfer(uid: str) -> ResponseReturnValue:
    """Send the patient to another specialty or colleague."""
    to, reason = request.form.get("to", ""), request.form.get("reason", "")
    return _step(uid, "/board", lambda visit: transfers.transfer(visit, to, reason=reason, by=actor(), now=now()))


@bp.post("/visits/<uid>/not-held")
@allow("doctor")
def not_held(uid: str) -> ResponseReturnValue:
    """End the visit without a consultation."""
    reason, note = request.form.get("reason", ""), request.form.get("note", "")
    return _step(
        uid,
        "/board",
        lambda visit: outcomes.end_unheld(visit, reason=reason, note=note, by=actor(), now=now()),
    )


def _step(uid: str, onward: str, take: Callable[[Visit], object]) -> ResponseReturnValue:
    visit = reachable(uid, *doctor_here())
    try:
        take(visit)
    except (Conflict, Invalid) as error:
        if wants_json() or is_fragment_request():
            raise
        fields = error.fields if isinstance(error, Invalid) else {}
        return _page(reachable(uid, *doctor_here()), error.status, fields, "" if fields else str(error))
    return see_other(onward)


def _page(
    visit: Visit, status: int = 200, errors: dict[str, str] | None = None, message: str = ""
) -> ResponseReturnValue:
    doctor, specialty = doctor_here()
    steps = allowed(visit.state, "doctor")
    is_mine = visit.state in ACTIVE and visit.doctor_id == doctor.id
    return page(
        "visits/steps.html",
        status=status,
        visit=visit,
        errors=errors or {},
        message=message,
        form=request.form,
        asked=request.form.get("asked") or request.path.rsplit("/", 1)[1],
        lines=history.history_of(visit),
        words=history.line_words(),
        can_transfer=TRANSFERRED in steps,
        can_end=NO_SHOW in steps,
        can_call=visit.state in READY
        and attendance.is_on(doctor, visit.session)
        and not attendance.active_visits(doctor),
        targets=[(to, in_language(row)) for to, row in transfers.targets(specialty, doctor)],
        reasons=list(words.reason_words().items()),
        earlier=written_before(visit) if is_mine else [],
    )
