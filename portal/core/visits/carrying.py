"""Tokens that cannot be served: carried to the next day on which their specialty is held, or ended, and told so."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.base.clock import clinic_day
from portal.base.errors import Conflict
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.clinic.sessions import find_session, hours, session_on
from portal.core.visits.attendance import next_day_held
from portal.core.visits.models import Visit
from portal.core.visits.services import Step, move
from portal.core.visits.states import CARRIED, READY
from portal.core.visits.successors import Continuation, continue_in
from portal.work.audit import SYSTEM, Actor

ANY = 1_000_000  # carries: around the clock nobody is sent home at midnight


@dataclass(frozen=True)
class CarryRule:
    """What becomes of a token that is not carried, why, and how often one may be carried."""

    final: str
    event: str
    reason: str
    carries_allowed: int


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
    onward = Continuation(CARRIED, "TokenCarried", "system", rule.reason, Step())
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
