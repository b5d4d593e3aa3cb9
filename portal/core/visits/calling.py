"""Calling patients: next, recall, accept, skip, extend; and out of turn in an emergency.

An emergency is the one exception to the order (safety.md Q16 to Q18): everybody else keeps the place and is overtaken
once for each; a second one of the same patient needs another call by the doctor; their number per session is
limited. An unanswered one does not count as missed, as it came out of turn.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from portal.base.errors import Conflict, Invalid
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.clinic.models import ClinicSession, bump
from portal.core.visits import attendance, queue_order
from portal.core.visits.events import CallAccepted, CallExtended, VisitCalled, VisitSkipped
from portal.core.visits.models import Transition, Visit
from portal.core.visits.queue_order import undone_steps
from portal.core.visits.services import REASON_LIMIT, Step, move, stale
from portal.core.visits.states import (
    AWAITING_RECALL,
    CALLED,
    EMERGENCY,
    IN_CALL,
    NEXT,
    READY,
    RECALL,
    RING,
    SKIP,
    code_of,
)
from portal.settings.clinic import QueueRules
from portal.store.db import claim, locked, write
from portal.work.audit import Actor
from portal.work.events import record

SHORTEST_REASON = 10
RUNG_WHILE_ABSENT = "rung while absent"


def call_next(doctor: Staff, session: ClinicSession, *, by: Actor, now: datetime, absent: bool = False) -> Visit:
    """Call the next present patient; with `absent`, when nobody is present, ring the first absent one.

    The session's row is locked first, so that two doctors never get the same patient.
    Raises Conflict when off duty, busy, or nobody can be called.
    """
    with write():
        lock(session)
        require_free(doctor, session)
        visit, reason, action = queue_order.first_present(session, doctor, now), "", NEXT
        if visit is None and absent:
            visit, reason, action = queue_order.first_absent(session, doctor, now), RUNG_WHILE_ABSENT, RING
        if visit is None:
            raise Conflict(_("Nobody who is present is waiting."))
        ring(visit, doctor, action, reason=reason, by=by, now=now)
    return visit


def recall(visit: Visit, doctor: Staff, *, by: Actor, now: datetime) -> None:
    """Call a patient again after a missed call. Raises Conflict when off duty, busy, or not awaiting recall."""
    with write():
        lock(visit.session)
        require_free(doctor, visit.session)
        if visit.state != AWAITING_RECALL:
            raise Conflict(stale())
        ring(visit, doctor, RECALL, reason="", by=by, now=now)


def accept_call(visit: Visit, *, by: Actor, now: datetime) -> None:
    """Accept the call ("Call now"). Idempotent while in the call. Raises Conflict when there is none, or too late."""
    if visit.state == IN_CALL:
        return
    if visit.state != CALLED:
        raise Conflict(_("The doctor is not calling you at this moment. Your page shows your place."))
    too_late = _("The time to answer this call is over. Your place is kept; press “I am here”.")
    if visit.call_deadline <= now:
        raise Conflict(too_late)
    with write():
        move(visit, IN_CALL, by=by, role="beneficiary", now=now, event=CallAccepted)
        if by.kind == "account":
            attendance.take_phone(visit, now)


def skip(visit: Visit, *, reason: str, by: Actor, now: datetime) -> None:
    """Set a called patient aside for later; the place is kept. `reason` is a code of REASONS or free text."""
    move(
        visit,
        AWAITING_RECALL,
        by=by,
        role="doctor",
        now=now,
        event=VisitSkipped,
        reason=reason,
        here_until=None,
        step=Step(SKIP, outcome=code_of(reason)),
    )


def lock(session: ClinicSession) -> None:
    """Lock a session's row to the end of the transaction: one caller at a time."""
    locked(ClinicSession.select(ClinicSession.id).where(ClinicSession.id == session.id)).get()


def require_free(doctor: Staff, session: ClinicSession) -> None:
    """Raise Conflict unless this doctor may call somebody of this session now."""
    if not attendance.is_on(doctor, session):
        raise Conflict(_("You are not on duty. Press “On duty” first."))
    if attendance.active_visits(doctor):
        raise Conflict(_("You still have a patient. Complete that visit first."))


def ring(visit: Visit, doctor: Staff, action: str, *, reason: str, by: Actor, now: datetime) -> None:
    """Move a visit to CALLED with a deadline and a lease."""
    deadline = now + timedelta(seconds=QueueRules.in_force().call_seconds)
    move(
        visit,
        CALLED,
        by=by,
        role="doctor",
        now=now,
        event=partial(VisitCalled, doctor=doctor.uid, deadline=deadline.isoformat()),
        reason=reason,
        doctor=doctor,
        attempt=visit.attempt + 1,
        call_deadline=deadline,
        lease_until=now + attendance.PAGE_LEASE,
        out_of_turn=action == EMERGENCY,
        step=Step(action),
    )


def call_emergency(visit: Visit, doctor: Staff, *, reason: str, by: Actor, now: datetime) -> None:
    """Call this patient now. Raises Invalid without a proper reason, Conflict when off duty, busy, or too often."""
    reason = " ".join(reason.split())
    if not SHORTEST_REASON <= len(reason) <= REASON_LIMIT:
        raise Invalid(
            {"reason": _("Say why in %(low)s to %(high)s characters.", low=SHORTEST_REASON, high=REASON_LIMIT)}
        )
    with write():
        lock(visit.session)
        require_free(doctor, visit.session)
        if visit.state not in READY:
            raise Conflict(stale())
        if called_out_of_turn(visit.session) >= QueueRules.in_force().emergencies_per_session:
            raise Conflict(
                _("No more emergency calls in this session: the limit is reached. Call the helpline of the clinic.")
            )
        ring(visit, doctor, EMERGENCY, reason=reason, by=by, now=now)


def called_out_of_turn(session: ClinicSession) -> int:
    """Count the emergency calls of a session, undone ones left out."""
    calls = Transition.select().join(Visit, on=Transition.visit)
    mine = (Visit.session == session) & (Transition.action == EMERGENCY)
    return int(calls.where(mine & Transition.id.not_in(undone_steps(session))).count())


def may_ask_for_time(visit: Visit, call_seconds: int, more_seconds: int, now: datetime) -> bool:
    """Can this call still be extended? Once: a deadline beyond `call_seconds` has been extended already."""
    if visit.state != CALLED or not more_seconds or visit.call_deadline <= now:
        return False
    return bool(visit.call_deadline <= visit.state_since + timedelta(seconds=call_seconds))


def give_more_time(visit: Visit, *, by: Actor, now: datetime) -> None:
    """Extend the deadline of this call, by compare-and-set. Raises Conflict without a call, or if extended already."""
    before, rules = visit.call_deadline, QueueRules.in_force()
    more = rules.more_time_seconds
    if not may_ask_for_time(visit, rules.call_seconds, more, now):
        raise Conflict(_("This call can no longer be given more time."))
    until = before + timedelta(seconds=more)
    same_call = (Visit.id == visit.id) & (Visit.state == CALLED) & (Visit.call_deadline == before)
    with write():
        bump(visit.session)
        if not claim(Visit.update(call_deadline=until).where(same_call)):
            raise Conflict(_("This call can no longer be given more time."))
        record(CallExtended(attempt=visit.attempt, deadline=until.isoformat()), visit.uid, by=by, now=now)
    visit.call_deadline = until


def lengthen_once(visit: Visit, *, by: Actor, now: datetime) -> None:
    """Extend a call when its patient opens the page, as signing in may take long. Once, as by the button.

    Only a sign-in or a known device comes this far, so a stranger's attempt holds nobody up.
    """
    rules = QueueRules.in_force()
    if may_ask_for_time(visit, rules.call_seconds, rules.more_time_seconds, now):
        with suppress(Conflict):  # somebody was faster, or the call is over
            give_more_time(visit, by=by, now=now)
