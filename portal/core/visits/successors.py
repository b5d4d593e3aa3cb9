"""Successors of visits: transferred to a colleague or specialty, or carried to another day.

The old visit is final, and `moved_to` points to its one successor. The successor gets the next number of its session
and keeps the old visit's `place` in the order of requests (a database sequence, so clock skew does not matter), its
priority and its referral. Quota and booking hours do not apply: the request was made before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from portal.base.clock import clinic_day
from portal.base.errors import Conflict
from portal.core.accounts.models import Staff
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.clinic.sessions import find_session, hours, number_beyond_quota, session_on
from portal.core.rosters.reading import next_day_held
from portal.core.visits.events import Moves, TokenCarried, TokenMoved, VisitTransferred
from portal.core.visits.models import Visit
from portal.core.visits.services import Step, append, insert, move
from portal.core.visits.states import CARRIED, READY, WAITING
from portal.store.db import claim, locked, write
from portal.work.audit import SYSTEM, Actor
from portal.work.events import record

Goes = type[VisitTransferred] | type[TokenCarried]
ANY = 1_000_000  # carries: unlimited in an around-the-clock clinic
Mover = Callable[[Visit, Visit], None]
_movers: list[Mover] = []


def moves_with_visit(function: Mover) -> Mover:
    """Register a function of (visit, its successor) that moves dependent rows, in the same transaction."""
    _movers.append(function)
    return function


def move_dependents(visit: Visit, other: Visit) -> None:
    """Move what depends on a visit to another one."""
    for function in _movers:
        function(visit, other)


@dataclass(frozen=True)
class Continuation:
    """How a visit ends for its successor: final state, event, role, reason, step."""

    final: str
    event: Goes
    role: str
    reason: str
    step: Step


@dataclass(frozen=True)
class CarryRule:
    """How often a visit may be carried; and the final state, event and reason of one that may not."""

    final: str
    event: Moves
    reason: str
    carries_allowed: int


def continue_in(
    session: ClinicSession,
    visit: Visit,
    onward: Continuation,
    *,
    by: Actor,
    now: datetime,
    here_until: datetime | None = None,
    wanted_doctor: Staff | None = None,
    carries: int = 0,
) -> Visit:
    """End this visit and create its successor, in one transaction. Raises Conflict when not allowed."""
    with write():
        lock_in_order(visit.session, session)
        move(
            visit,
            onward.final,
            by=by,
            role=onward.role,
            now=now,
            event=partial(onward.event, session=session.uid),
            reason=onward.reason,
            step=onward.step,
        )
        successor = insert(
            visit.beneficiary,
            session=session,
            number=number_beyond_quota(session),
            referral=visit.referral,
            exemption=visit.exemption,
            complaint=visit.complaint,
            priority=visit.priority,
            priority_reason=visit.priority_reason,
            state_since=now,
            requested_at=visit.requested_at,
            here_until=here_until,
            place=visit.place or visit.id,
            wanted_doctor=wanted_doctor,
            carries=carries,
        )
        claim(Visit.update(moved_to=successor).where(Visit.id == visit.id))
        visit.moved_to = successor
        move_dependents(visit, successor)
        append(successor, "", WAITING, by=by, now=now, reason=onward.reason)
        record(TokenMoved(token=successor.token, before=visit.token, why=onward.final), successor.uid, by=by, now=now)
    return successor


def lock_in_order(*sessions: ClinicSession) -> None:
    """Lock sessions by ascending id, so that two doctors who transfer to each other cannot deadlock."""
    rows = ClinicSession.select(ClinicSession.id).where(ClinicSession.id.in_([row.id for row in sessions]))
    list(locked(rows.order_by(ClinicSession.id)))


def carry_or_end_all(session: ClinicSession, rule: CarryRule, *, by: Actor = SYSTEM, now: datetime) -> None:
    """Carry or end all waiting visits of a session, in the order of request."""
    waiting = Visit.select().where((Visit.session == session) & Visit.state.in_(READY))
    for visit in waiting.order_by(Visit.id):
        try:
            carry_or_end(visit, rule, by=by, now=now)
        except Conflict:
            continue  # lost the race to a person


def carry_or_end(visit: Visit, rule: CarryRule, *, by: Actor, now: datetime) -> None:
    """Carry a visit to the next clinic day, its place kept, or end it with the referral unused."""
    day = _day_for(visit, now) if visit.carries < rule.carries_allowed else None
    if day is None:
        move(visit, rule.final, by=by, role="system", now=now, event=rule.event, reason=rule.reason)
        return
    onward = Continuation(CARRIED, TokenCarried, "system", rule.reason, Step())
    continue_in(session_on(visit.session.specialty, day), visit, onward, by=by, now=now, carries=visit.carries + 1)


def _is_held(specialty: Specialty, today: date, now: datetime) -> bool:
    """Is today's clinic still open?"""
    session = find_session(specialty, now)
    return now < hours(today).closes_at and (session is None or session.closed_at is None)


def _day_for(visit: Visit, now: datetime) -> date | None:
    """Return the next clinic day, today included while open, if the referral still holds on it; else None."""
    specialty, today = visit.session.specialty, clinic_day(now)
    after = today - timedelta(days=1) if visit.session.day < today and _is_held(specialty, today, now) else today
    day = next_day_held(specialty, max(visit.session.day, after))
    referral = visit.referral
    if day is None or (referral is not None and (referral.cancelled_at or referral.valid_until < day)):
        return None
    return day
