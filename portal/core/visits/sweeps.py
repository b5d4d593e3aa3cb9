"""Scheduled sweeps of visits: expired calls, expired leases of doctors, the end of the day."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from portal.base.errors import Conflict
from portal.core.clinic.models import ClinicSession, bump
from portal.core.clinic.sessions import session_on
from portal.core.visits import attendance
from portal.core.visits.attendance import DRAIN, continues_overnight, duty_of, is_away, present
from portal.core.visits.events import (
    CallMissed,
    DoctorLost,
    DutyChanged,
    SessionClosed,
    TokenExpired,
    VisitCompleted,
    VisitNoShow,
)
from portal.core.visits.models import Duty, Transition, Visit
from portal.core.visits.services import move
from portal.core.visits.states import (
    AWAITING_RECALL,
    CALLED,
    CLOSED,
    COMPLETED,
    EMERGENCY,
    EXPIRED,
    IN_CALL,
    MISSED,
    NEVER_COMPLETED,
    NO_SHOW,
    OPEN,
    RING,
    SILENT,
    UNANSWERED,
    WAITING,
    WRITING,
)
from portal.core.visits.successors import ANY, CarryRule, carry_or_end_all, lock_in_order
from portal.settings.clinic import QueueRules
from portal.store.db import claim, write
from portal.work.audit import SYSTEM
from portal.work.events import record
from portal.work.jobs import sweep

DOCTOR_GRACE = timedelta(minutes=3)
FORGOTTEN = timedelta(hours=48)  # a doctor may finish the notes on the next clinic day, also after a Sunday


@sweep(every=1)
def lapse_calls(now: datetime) -> None:
    """Expire every call that passed its deadline."""
    for visit in Visit.select().where((Visit.state == CALLED) & (Visit.call_deadline <= now)).order_by(Visit.id):
        _ignore_conflict(_lapse, visit, now)


@sweep(every=15, grace=attendance.POLL_LEASE.total_seconds())
def release_lost(now: datetime) -> None:
    """Release patients whose doctor's lease expired DOCTOR_GRACE ago; they keep the place."""
    silent = Visit.state.in_((CALLED, IN_CALL)) & (Visit.lease_until < now - DOCTOR_GRACE)
    for visit in Visit.select().where(silent).order_by(Visit.id):
        _ignore_conflict(_release, visit, now)


@sweep(every=600)
def complete_forgotten(now: datetime) -> None:
    """Complete visits left in writing for FORGOTTEN, as an open visit blocks the patient's next request."""
    silent = (Visit.state == WRITING) & (Visit.lease_until < now - FORGOTTEN)
    for visit in Visit.select().where(silent).order_by(Visit.id):
        _ignore_conflict(_complete, visit, now)


@sweep(every=15)
def close_sessions(now: datetime) -> None:
    """Close sessions past closing time: after DRAIN, or at once when no doctor is present.

    Waiting visits are carried to the next clinic day if the setting allows it, else they expire; patients are told.
    """
    over = ClinicSession.select().where((ClinicSession.closes_at <= now) & ClinicSession.closed_at.is_null())
    for session in over.order_by(ClinicSession.id):
        if continues_overnight(session):
            continue_duties(session, now)
        if now >= session.closes_at + DRAIN or not attendance.present(session):
            _expire_waiting(session, now)
            _close_when_empty(session, now)


def _lapse(visit: Visit, now: datetime) -> None:
    """Expire a call; the last allowed miss ends the visit.

    A call out of turn does not count as missed, nor one while the family's phone was in another call.
    """
    lapses, still = visit.lapses + 1, Visit.call_deadline <= now
    if _was_out_of_turn(visit) or attendance.is_phone_taken(visit):
        move(
            visit,
            WAITING,
            by=SYSTEM,
            role="system",
            now=now,
            event=partial(CallMissed, lapses=visit.lapses),
            still=still,
            here_until=None,
            reason=UNANSWERED,
        )
        return
    is_last = lapses > QueueRules.in_force().lapses_allowed
    move(
        visit,
        NO_SHOW if is_last else AWAITING_RECALL,
        by=SYSTEM,
        role="system",
        now=now,
        still=still,
        event=partial(VisitNoShow if is_last else CallMissed, lapses=lapses),
        reason=f"{MISSED}{lapses}",
        lapses=lapses,
        here_until=None,
    )


def _was_out_of_turn(visit: Visit) -> bool:
    """Was the last call a ring while absent or an emergency? An undo is not a call."""
    calls = Transition.select().where((Transition.visit == visit) & (Transition.to_state == CALLED))
    return calls.where(Transition.undoes.is_null()).order_by(Transition.id.desc()).get().action in (RING, EMERGENCY)


def _release(visit: Visit, now: datetime) -> None:
    """Release a patient for recall; presence is extended, so that an open page needs no tap."""
    move(
        visit,
        AWAITING_RECALL,
        by=SYSTEM,
        role="system",
        now=now,
        event=DoctorLost,
        reason=SILENT,
        still=Visit.lease_until < now - DOCTOR_GRACE,
        here_until=now + timedelta(seconds=QueueRules.in_force().presence_seconds),
    )


def _complete(visit: Visit, now: datetime) -> None:
    move(
        visit,
        COMPLETED,
        by=SYSTEM,
        role="system",
        now=now,
        event=VisitCompleted,
        reason=NEVER_COMPLETED,
        still=Visit.lease_until < now - FORGOTTEN,
    )


def _expire_waiting(session: ClinicSession, now: datetime) -> None:
    allowed = ANY if continues_overnight(session) else QueueRules.in_force().carries_at_closing
    rule = CarryRule(EXPIRED, TokenExpired, CLOSED, allowed)
    carry_or_end_all(session, rule, now=now)


def _close_when_empty(session: ClinicSession, now: datetime) -> None:
    shut = ClinicSession.update(closed_at=now, version=ClinicSession.version + 1)
    with write():
        lock_in_order(session)  # so that a concurrent transfer here is counted
        if Visit.select().where((Visit.session == session) & Visit.state.in_(OPEN)).exists():
            return
        if claim(shut.where((ClinicSession.id == session.id) & ClinicSession.closed_at.is_null())):
            record(SessionClosed(last_number=session.last_number), session.uid, by=SYSTEM, now=now)


def _ignore_conflict(step: Callable[[Visit, datetime], None], visit: Visit, now: datetime) -> None:
    """Take one step; a lost race to a person is ignored."""
    try:
        step(visit, now)
    except Conflict:
        return


def continue_duties(session: ClinicSession, now: datetime) -> None:
    """Continue the duties of a session in the next clinic day, where that begins as this one ends."""
    with write():
        for row in present(session):
            following = session_on(session.specialty, session.day + timedelta(days=1))
            if is_away(row.doctor, following.day) or duty_of(row.doctor, following):
                continue
            bump(following)
            Duty.create(session=following, doctor=row.doctor, state=row.state, until=row.until, changed_at=now)
            record(DutyChanged(session=following.uid, state=row.state), row.doctor.uid, by=SYSTEM, now=now)
