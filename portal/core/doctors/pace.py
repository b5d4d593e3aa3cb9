"""How long the patient is with the doctor, and who waits meanwhile: shown to the doctor alone, never a limit."""

from dataclasses import dataclass
from datetime import datetime

from portal.core.visits.models import Transition, Visit
from portal.core.visits.states import IN_CALL, WAITING, WRITING
from portal.settings.clinic import QueueRules


@dataclass(frozen=True)
class Pace:
    """Minutes with this patient, minutes meant for one (0: none set), and who waits from `long_minutes` on."""

    minutes: int
    budget: int
    waiting: int
    long_minutes: int

    @property
    def is_over(self) -> bool:
        """Has this consultation taken longer than is meant?"""
        return 0 < self.budget <= self.minutes


def pace_of(visit: Visit, now: datetime) -> Pace | None:
    """Return the pace of a visit whose patient is with the doctor, None before and after."""
    if visit.state not in (IN_CALL, WRITING):
        return None
    rules = QueueRules.in_force()
    entered = (Transition.visit == visit) & (Transition.to_state == IN_CALL)
    first = Transition.select(Transition.at).where(entered).order_by(Transition.id).first()
    since: datetime = first.at if first else visit.state_since
    waiting = Visit.select(Visit.requested_at).where((Visit.session == visit.session_id) & (Visit.state == WAITING))
    waits = [_minutes(row.requested_at, now) for row in waiting]
    long = rules.wait_long_minutes
    return Pace(_minutes(since, now), rules.consult_budget_minutes, sum(wait >= long for wait in waits), long)


def _minutes(since: datetime, now: datetime) -> int:
    return max(0, int((now - since).total_seconds()) // 60)
