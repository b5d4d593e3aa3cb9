"""The clinic now: the queue of every specialty, doctors and their load, texts of today; no names of patients."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Protocol

from peewee import fn

from portal.base.clock import at_ist, clinic_day
from portal.core.accounts.models import Staff
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.messages.models import Message
from portal.core.outbox.timeline import GROUPS
from portal.core.visits.models import Duty, Visit
from portal.core.visits.states import ACTIVE, COMPLETED, OFF_DUTY, WAITING

MINUTE = timedelta(minutes=1)
# What a token has come to, as the report puts states together, in the order of the bar.
STAGES = {
    "done": ("completed",),
    "in_call": ("in_call", "writing"),
    "called": ("called",),
    "waiting": ("waiting",),
    "missed": ("awaiting_recall",),
    "no_show": ("no_show",),
    "gone": ("cancelled", "expired"),
    "elsewhere": ("transferred", "carried", "withdrawn"),
}


class Line(Protocol):
    """A session of today with its visits by state, as the overview counts them."""

    @property
    def session(self) -> ClinicSession:
        """The session."""

    @property
    def states(self) -> dict[str, int]:
        """How many visits are in each state, as people read it."""


@dataclass(frozen=True)
class Queue:
    """A session of today; `longest` is how many minutes the one waits who has waited longest."""

    session: ClinicSession
    stages: Counter[str]
    longest: int | None
    present: int  # doctors on duty or on a break

    @property
    def total(self) -> int:
        """Tokens given."""
        return self.stages.total()

    @property
    def parts(self) -> list[tuple[str, float, float]]:
        """Parts of a bar that is 100 wide: stage, where it begins, how wide it is."""
        found, begins = [], 0.0
        for stage in STAGES:
            width = 100 * self.stages[stage] / self.total if self.total else 0
            if width:
                found.append((stage, round(begins, 2), round(width, 2)))
            begins += width
        return found


@dataclass(frozen=True)
class Load:
    """A doctor of today: duty, the token that is with the doctor, how many are done, how many wait for each doctor."""

    doctor: Staff
    specialty: Specialty
    state: str
    until: datetime | None
    token: str
    done: int
    waiting_each: float


@dataclass(frozen=True)
class Today:
    """The clinic at one moment."""

    at: datetime
    queues: list[Queue]
    loads: list[Load]
    texts: Counter[str]  # by group of the outbox: delivered, way, failed

    def count(self, *stages: str) -> int:
        """Count today's tokens at these stages."""
        return sum(queue.stages[stage] for queue in self.queues for stage in stages)

    @property
    def longest(self) -> int | None:
        """Minutes of the longest wait of all."""
        return max((queue.longest for queue in self.queues if queue.longest is not None), default=None)


def today(lines: Sequence[Line], now: datetime) -> Today:
    """Load what the overview does not have of these sessions, in few queries."""
    duties = _duties([line.session for line in lines])
    queues = _queues(lines, duties, now)
    return Today(now, queues, _loads(duties, queues), texts_today(now))


def texts_today(now: datetime) -> Counter[str]:
    """Count the texts of today by what became of them."""
    begins = at_ist(clinic_day(now), time.min)
    of_today = (Message.created_at >= begins) & (Message.created_at <= now)  # both ends, or SQLite reads all by state
    counted = Message.select(Message.state, fn.COUNT(Message.id)).where(of_today)
    rows: Any = counted.group_by(Message.state).tuples()
    states: Counter[str] = Counter(dict(rows))
    return Counter({group: sum(states[state] for state in found) for group, found in GROUPS.items()})


def _duties(sessions: Sequence[ClinicSession]) -> list[Duty]:
    """Load who was on duty in these sessions; whoever is off again stays in the list with what was done."""
    found = Duty.select(Duty, Staff).join(Staff).where(Duty.session.in_(sessions))
    return list(found.order_by(Duty.session, Staff.name))


def _queues(lines: Sequence[Line], duties: Sequence[Duty], now: datetime) -> list[Queue]:
    sessions = [line.session for line in lines]
    waiting = (Visit.state == WAITING) & Visit.session.in_(sessions)
    oldest: Any = Visit.select(Visit.session, fn.MIN(Visit.requested_at).alias("since")).where(waiting)
    since = {row.session_id: row.since for row in oldest.group_by(Visit.session)}
    there = Counter(duty.session_id for duty in duties if duty.state != OFF_DUTY)
    return [
        Queue(line.session, _stages(line.states), _minutes(line.session, since, now), there[line.session.id])
        for line in lines
    ]


def _stages(states: dict[str, int]) -> Counter[str]:
    return Counter({stage: sum(states.get(state, 0) for state in found) for stage, found in STAGES.items()})


def _minutes(session: ClinicSession, since: dict[int, datetime], now: datetime) -> int | None:
    """Minutes since the oldest request that waits; before opening nobody waits for a doctor."""
    if session.id not in since:
        return None
    begins: datetime = max(since[session.id], session.opens_at)
    return max(0, (now - begins) // MINUTE)


def _loads(duties: Sequence[Duty], queues: Sequence[Queue]) -> list[Load]:
    by_session = {queue.session.id: queue for queue in queues}
    of_doctors = Visit.session.in_(list(by_session)) & Visit.doctor.is_null(False)
    done: Any = Visit.select(Visit.doctor, fn.COUNT(Visit.id)).where(of_doctors & (Visit.state == COMPLETED))
    counts = Counter(dict(done.group_by(Visit.doctor).tuples()))
    active: Any = Visit.select().where(of_doctors & Visit.state.in_(ACTIVE))
    tokens = {visit.doctor_id: _token(visit, by_session) for visit in active}
    return [_load(duty, by_session[duty.session_id], tokens, counts) for duty in duties]


def _token(visit: Visit, queues: dict[int, Queue]) -> str:
    visit.session = queues[visit.session_id].session
    return visit.token


def _load(duty: Duty, queue: Queue, tokens: dict[int, str], done: Counter[int]) -> Load:
    is_there = duty.state != OFF_DUTY
    each = (queue.stages["waiting"] + queue.stages["missed"]) / max(queue.present, 1) if is_there else 0
    doctor, specialty = duty.doctor, queue.session.specialty
    token = tokens.get(doctor.id, "")
    return Load(doctor, specialty, duty.state, duty.until, token, done[doctor.id], round(each, 1))
