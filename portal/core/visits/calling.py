"""Calling patients: next, again, answered, set aside."""

from datetime import datetime, timedelta

from portal.core import settings
from portal.core.accounts.models import Staff
from portal.core.audit import Actor
from portal.core.db import locked, write
from portal.core.errors import Conflict
from portal.core.language import gettext as _
from portal.core.visits import duty, queue_order
from portal.core.visits.models import ClinicSession, Visit
from portal.core.visits.services import move, stale
from portal.core.visits.states import AWAITING_RECALL, CALLED, IN_CALL

RUNG_WHILE_ABSENT = "rung while absent"


def call_next(doctor: Staff, session: ClinicSession, *, by: Actor, now: datetime, absent: bool = False) -> Visit:
    """Call the next present patient; with `absent`, when nobody is present, ring the first absent one.

    The session's row is locked before anybody is picked, so two doctors never get the same patient.
    Raises Conflict when off duty, busy, or nobody can be called.
    """
    with write():
        _lock(session)
        _require_free(doctor, session, now)
        visit, reason = queue_order.first_present(session, now), ""
        if visit is None and absent:
            visit, reason = queue_order.first_absent(session, now), RUNG_WHILE_ABSENT
        if visit is None:
            raise Conflict(_("Nobody who is present is waiting."))
        _call(visit, doctor, reason=reason, by=by, now=now)
    return visit


def recall(visit: Visit, doctor: Staff, *, by: Actor, now: datetime) -> None:
    """Call somebody again who missed the call. Raises Conflict when off duty, busy, or not waiting for it."""
    with write():
        _lock(visit.session)
        _require_free(doctor, visit.session, now)
        if visit.state != AWAITING_RECALL:
            raise Conflict(stale())
        _call(visit, doctor, reason="", by=by, now=now)


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
    """The doctor sets a called patient aside for later; the place is kept."""
    move(visit, AWAITING_RECALL, by=by, role="doctor", now=now, event="VisitSkipped", reason=reason, here_until=None)


def _lock(session: ClinicSession) -> None:
    locked(ClinicSession.select(ClinicSession.id).where(ClinicSession.id == session.id)).get()


def _require_free(doctor: Staff, session: ClinicSession, now: datetime) -> None:
    if not duty.is_on(doctor, session):
        raise Conflict(_("You are not on duty. Press “On duty” first."))
    if duty.active_visits(doctor):
        raise Conflict(_("You still have a patient. Complete that visit first."))


def _call(visit: Visit, doctor: Staff, *, reason: str, by: Actor, now: datetime) -> None:
    deadline = now + timedelta(seconds=settings.number("call_seconds"))
    told = {"doctor": doctor.uid, "attempt": visit.attempt + 1, "deadline": deadline.isoformat()}
    move(
        visit, CALLED, by=by, role="doctor", now=now, event="VisitCalled", reason=reason, data=told,
        doctor=doctor, attempt=visit.attempt + 1, call_deadline=deadline, lease_until=now + duty.PAGE_LEASE,
    )  # fmt: skip
