"""Calling patients: next, again, answered, set aside."""

from datetime import datetime, timedelta

from portal.base.errors import Conflict
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.visits import attendance, queue_order
from portal.core.visits.models import ClinicSession, Visit
from portal.core.visits.outcomes import code_of
from portal.core.visits.services import Step, move, stale
from portal.core.visits.states import AWAITING_RECALL, CALLED, EMERGENCY, IN_CALL, NEXT, RECALL, RING, SKIP
from portal.store import settings
from portal.store.db import locked, write
from portal.work.audit import Actor

RUNG_WHILE_ABSENT = "rung while absent"


def call_next(doctor: Staff, session: ClinicSession, *, by: Actor, now: datetime, absent: bool = False) -> Visit:
    """Call the next present patient; with `absent`, when nobody is present, ring the first absent one.

    The session's row is locked before anybody is picked, so two doctors never get the same patient.
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
    """Call somebody again who missed the call. Raises Conflict when off duty, busy, or not waiting for it."""
    with write():
        lock(visit.session)
        require_free(doctor, visit.session)
        if visit.state != AWAITING_RECALL:
            raise Conflict(stale())
        ring(visit, doctor, RECALL, reason="", by=by, now=now)


def accept_call(visit: Visit, *, by: Actor, now: datetime) -> None:
    """The patient's "Call now". Coming back to a call that dropped changes nothing. Raises Conflict when too late."""
    if visit.state == IN_CALL:
        return
    if visit.state != CALLED:
        raise Conflict(_("The doctor is not calling you at this moment. Your page shows your place."))
    too_late = _("The time to answer this call is over. Your place is kept; press “I am here”.")
    if visit.call_deadline <= now:
        raise Conflict(too_late)
    move(visit, IN_CALL, by=by, role="beneficiary", now=now, event="CallAccepted")


def skip(visit: Visit, *, reason: str, by: Actor, now: datetime) -> None:
    """The doctor sets a called patient aside for later; the place is kept. A reason may be a code of the list."""
    move(
        visit, AWAITING_RECALL, by=by, role="doctor", now=now, event="VisitSkipped", reason=reason, here_until=None,
        step=Step(SKIP, outcome=code_of(reason)),
    )  # fmt: skip


def lock(session: ClinicSession) -> None:
    """One caller at a time in a session, to the end of the transaction."""
    locked(ClinicSession.select(ClinicSession.id).where(ClinicSession.id == session.id)).get()


def require_free(doctor: Staff, session: ClinicSession) -> None:
    """Raise Conflict unless this doctor may call somebody of this session now."""
    if not attendance.is_on(doctor, session):
        raise Conflict(_("You are not on duty. Press “On duty” first."))
    if attendance.active_visits(doctor):
        raise Conflict(_("You still have a patient. Complete that visit first."))


def ring(visit: Visit, doctor: Staff, action: str, *, reason: str, by: Actor, now: datetime) -> None:
    """Light "Call now" on this patient's page."""
    deadline = now + timedelta(seconds=settings.number("call_seconds"))
    told = {"doctor": doctor.uid, "attempt": visit.attempt + 1, "deadline": deadline.isoformat()}
    move(
        visit, CALLED, by=by, role="doctor", now=now, event="VisitCalled", reason=reason, data=told,
        doctor=doctor, attempt=visit.attempt + 1, call_deadline=deadline, lease_until=now + attendance.PAGE_LEASE,
        out_of_turn=action == EMERGENCY, step=Step(action),
    )  # fmt: skip
