"""The data of the administrator's overview, in few queries."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import SQL, fn

from portal.base.clock import clinic_day
from portal.core.accounts.resets import services as resets
from portal.core.admin import backups, feedback
from portal.core.admin.troubles import Trouble, troubles
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.opening import services as openings
from portal.core.outbox import alarms
from portal.core.outbox.phone_list import to_phone
from portal.core.prescriptions import cancelling, making
from portal.core.prescriptions.models import Prescription
from portal.core.visits.models import Visit, state_as_read
from portal.work import events


@dataclass(frozen=True)
class SessionLine:
    """One session of today, with its number of visits by state as people read it."""

    session: ClinicSession
    states: dict[str, int]

    @property
    def total(self) -> int:
        """Tokens issued."""
        return sum(self.states.values())


@dataclass(frozen=True)
class Overview:
    """The clinic now."""

    sessions: list[SessionLine]
    to_phone: int
    undelivered: int
    unread_feedback: int
    alarms: list[str]
    stuck: list[Prescription]  # whose file cannot be stored
    to_confirm: list[str]  # numbers whose cancelling waits for a second administrator
    openings: list[str]  # records whose opening waits for a second administrator, by their uid
    resets: list[tuple[str, Any, datetime | None]]  # of sign-ins of staff: uid, whose, and until when it is open
    troubles: list[Trouble]
    backup: str  # the age of the newest

    @property
    def tokens(self) -> int:
        """Tokens issued today."""
        return sum(line.total for line in self.sessions)

    def count(self, state: str) -> int:
        """Count today's visits in a state."""
        return sum(line.states.get(state, 0) for line in self.sessions)


def overview(now: datetime) -> Overview:
    """Load today's sessions, whom to phone, undelivered events, alarms and troubles."""
    today = ClinicSession.select(ClinicSession, Specialty).join(Specialty).where(ClinicSession.day == clinic_day(now))
    sessions = list(today.order_by(Specialty.id))
    state = state_as_read().alias("as_read")
    counted = Visit.select(Visit.session, state, fn.COUNT(Visit.id)).where(Visit.session.in_(sessions))
    states: dict[int, Counter[str]] = {row.id: Counter() for row in sessions}
    rows: Any = counted.group_by(Visit.session, SQL("as_read")).tuples()
    for session_id, state, count in rows:
        states[session_id][state] = count
    return Overview(
        sessions=[SessionLine(row, dict(states[row.id])) for row in sessions],
        to_phone=len(to_phone(now)),
        undelivered=events.count_pending(),
        unread_feedback=feedback.unread(),
        alarms=alarms.standing(now),
        stuck=making.stuck(),
        to_confirm=[asked.prescription.number for asked in cancelling.waiting(now)],
        openings=[wish.uid for wish in openings.waiting(now)],
        resets=[(each.uid, each.staff, each.ends_at) for each in resets.standing(now)],
        troubles=troubles(now),
        backup=backups.age(now),
    )
