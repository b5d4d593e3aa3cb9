"""A visit that goes on in another place: transferred to a colleague, or carried to another day.

The old visit is final, `moved_to` names its one successor. The successor gets the next number of its session, and
stands where asking at the old one's time would have put it: it keeps that one's `place` in the order of asking (the
database's own sequence, so no host's clock matters), its class of priority and its referral. Quota and booking hours
are for those who ask; who was sent on has asked already.
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
from portal.core.visits.attendance import next_day_held
from portal.core.visits.events import Moves, TokenCarried, TokenMoved, VisitTransferred
from portal.core.visits.models import Visit
from portal.core.visits.services import Step, append, insert, move
from portal.core.visits.states import CARRIED, READY, WAITING
from portal.store.db import claim, locked, write
from portal.work.audit import SYSTEM, Actor
from portal.work.events import record

Goes = type[VisitTransferred] | type[TokenCarried]
ANY = 1_000_000  # carries: around the clock nobody is sent home at midnight
Mover = Callable[[Visit, Visit], None]
_movers: list[Mover] = []


def goes_along(function: Mover) -> Mover:
    """Register a function of (visit, the one in its place), called in the transaction in which one takes over."""
    _movers.append(function)
    return function


def take_along(visit: Visit, other: Visit) -> None:
    """What hangs on a visit hangs on the other from now on."""
    for function in _movers:
        function(visit, other)


@dataclass(frozen=True)
class Continuation:
    """How a visit goes on: its final state, the event that tells of it, who may do it, and why."""

    final: str
    event: Goes
    role: str
    reason: str
    step: Step


@dataclass(frozen=True)
class CarryRule:
    """What becomes of a token that is not carried, why, and how often one may be carried."""

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
    """End this visit and begin its successor in a session, in one transaction. Raises Conflict when not legal."""
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
        take_along(visit, successor)
        append(successor, "", WAITING, by=by, now=now, reason=onward.reason)
        record(TokenMoved(token=successor.token, before=visit.token, why=onward.final), successor.uid, by=by, now=now)
    return successor


def lock_in_order(*sessions: ClinicSession) -> None:
    """Lock sessions always in the same order: two doctors who send patients to each other must not wait in a ring."""
    rows = ClinicSession.select(ClinicSession.id).where(ClinicSession.id.in_([row.id for row in sessions]))
    list(locked(rows.order_by(ClinicSession.id)))


def let_go_of_all(session: ClinicSession, rule: CarryRule, *, by: Actor = SYSTEM, now: datetime) -> None:
    """Carry or end everybody who waits in a session, first in line first."""
    waiting = Visit.select().where((Visit.session == session) & Visit.state.in_(READY))
    for visit in waiting.order_by(Visit.id):
        try:
            let_go(visit, rule, by=by, now=now)
        except Conflict:
            continue  # a person was faster


def let_go(visit: Visit, rule: CarryRule, *, by: Actor, now: datetime) -> None:
    """Carry one token to the next clinic day, near the front as it asked first, or end it with the referral unused."""
    day = _day_for(visit, now) if visit.carries < rule.carries_allowed else None
    if day is None:
        move(visit, rule.final, by=by, role="system", now=now, event=rule.event, reason=rule.reason)
        return
    onward = Continuation(CARRIED, TokenCarried, "system", rule.reason, Step())
    continue_in(session_on(visit.session.specialty, day), visit, onward, by=by, now=now, carries=visit.carries + 1)


def _is_held(specialty: Specialty, today: date, now: datetime) -> bool:
    """Is there still time today?"""
    session = find_session(specialty, now)
    return now < hours(today).closes_at and (session is None or session.closed_at is None)


def _day_for(visit: Visit, now: datetime) -> date | None:
    """The next day held, today included where it is still held, if the referral is good on it."""
    specialty, today = visit.session.specialty, clinic_day(now)
    after = today - timedelta(days=1) if visit.session.day < today and _is_held(specialty, today, now) else today
    day = next_day_held(specialty, max(visit.session.day, after))
    if day is None or (visit.referral is not None and visit.referral.valid_until < day):
        return None
    return day
