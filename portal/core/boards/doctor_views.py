"""The doctor's pages: the live board, duty, calling, and the steps of the doctor's own visit."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from jinja2_fragments.flask import render_block

from portal.base.clock import now
from portal.base.errors import Conflict, Invalid, NotFound
from portal.core.accounts.here import signed_in
from portal.core.accounts.sign_ins import SignedIn
from portal.core.boards.doctor_board import Desk, doctor_board, page_context
from portal.core.clinic.sessions import session_for, window
from portal.core.doctors import duty
from portal.core.doctors.permissions import doctor_here, reachable
from portal.core.doctors.planning import words
from portal.core.doctors.wishes.reading import asks_of, unseen_answers
from portal.core.rosters.book import AWAY
from portal.core.rosters.reading import part_today
from portal.core.signing.certificates import told_to_doctor
from portal.core.visits import attendance, calling, services, undoing
from portal.core.visits.attendance import serving
from portal.core.visits.models import Visit
from portal.web import tickets
from portal.web.access import actor, allow
from portal.web.pages import is_fragment_request, page, see_other, wants_json

bp = Blueprint("board", __name__)
ADDRESS = "/board"


@bp.get("/board")
@allow("doctor")
def show() -> ResponseReturnValue:
    """Show the live board of the doctor's specialty."""
    attendance.renew_lease(doctor_here()[0], now(), polled=False)
    return _page()


@bp.post("/board/duty")
@allow("doctor")
def set_duty() -> ResponseReturnValue:
    """Go on duty, on a break, or off duty."""
    try:
        duty.set_duty(*doctor_here(), request.form.get("state", ""), by=actor(), now=now())
    except (Conflict, Invalid) as error:
        return _refused(error)
    return see_other(ADDRESS)


@bp.post("/board/next")
@allow("doctor")
def call_next() -> ResponseReturnValue:
    """Call the next patient, or the first absent one, and redirect to the consult."""
    (doctor, specialty), moment, absent = doctor_here(), now(), request.form.get("absent") == "yes"
    try:
        session = serving(specialty, moment) or session_for(specialty, moment)
        visit = calling.call_next(doctor, session, by=actor(), now=moment, absent=absent)
    except Conflict as error:
        return _refused(error)
    return see_other(_consult(visit))


@bp.post("/visits/<uid>/recall")
@allow("doctor")
def recall(uid: str) -> ResponseReturnValue:
    """Call again a patient who missed the call; a fragment request stays on the consult page."""
    doctor, _ = doctor_here()
    answer = _step(uid, lambda visit: calling.recall(visit, doctor, by=actor(), now=now()), _consult)
    if is_fragment_request():
        return "", 204, {"HX-Trigger": '{"call-changed": {"target": "body"}}'}
    return answer


@bp.post("/visits/<uid>/skip")
@allow("doctor")
def skip(uid: str) -> ResponseReturnValue:
    """Set the called patient aside for later."""
    return _step(uid, lambda visit: calling.skip(visit, reason=_reason(), by=actor(), now=now()))


@bp.post("/visits/<uid>/undo")
@allow("doctor")
def undo(uid: str) -> ResponseReturnValue:
    """Undo the doctor's own last step of this visit."""
    doctor, _ = doctor_here()
    return _step(uid, lambda visit: undoing.undo(visit, doctor, by=actor(), now=now()))


@bp.post("/visits/<uid>/end-call")
@allow("doctor")
def end_call(uid: str) -> ResponseReturnValue:
    """End the call; writing the prescription begins."""
    return _step(uid, lambda visit: services.end_call(visit, reason=_reason(), by=actor(), now=now()), _consult)


@bp.post("/visits/<uid>/complete")
@allow("doctor")
def complete(uid: str) -> ResponseReturnValue:
    """Complete the visit."""
    return _step(uid, lambda visit: services.complete(visit, by=actor(), now=now()))


def _step(
    uid: str, step: Callable[[Visit], None], onward: Callable[[Visit], str] = lambda visit: ADDRESS
) -> ResponseReturnValue:
    visit = reachable(uid, *doctor_here())
    try:
        step(visit)
    except Conflict as error:
        return _refused(error)
    return see_other(onward(visit))


def _refused(error: Conflict | Invalid) -> ResponseReturnValue:
    """Show the current board with the reason of the refusal."""
    if wants_json() or is_fragment_request():
        raise error
    return _page(status=error.status, message=str(error))


def _page(status: int = 200, message: str = "") -> ResponseReturnValue:
    (doctor, specialty), moment = doctor_here(), now()
    return page(
        "visits/board.html",
        status=status,
        message=message,
        signing=told_to_doctor(doctor.username, moment),
        is_asked=asks_of(doctor, moment),
        answers=unseen_answers(doctor, moment),
        half_days=words.parts(),
        moment=moment,
        is_unplanned=part_today(doctor, specialty, moment) == AWAY,
        **_context(signed_in(), moment),
    )


def _context(person: SignedIn, moment: datetime) -> dict[str, Any]:
    doctor, specialty = doctor_here()
    session = serving(specialty, moment)
    board, own = doctor_board(session, doctor, moment), attendance.duty_of(doctor, session)
    desk = Desk(board, own, specialty, session, window(session, moment), moment)
    return page_context(desk, tickets.issue("board", doctor.uid, person))


@tickets.shows("board")
def live_board(uid: str, person: SignedIn, moment: datetime) -> tickets.Fragment:
    """Answer a poll of the board, and renew the doctor's lease on active visits."""
    if person.staff is None or person.staff.uid != uid:
        raise NotFound
    attendance.renew_lease(person.staff, moment)
    context = _context(person, moment)
    return tickets.Fragment(context["etag"], html=lambda: render_block("visits/board.html", "live", **context))


def _reason() -> str:
    return request.form.get("reason", "")


def _consult(visit: Visit) -> str:
    return f"/visits/{visit.uid}/consult"
