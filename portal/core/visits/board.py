"""What the patient's page and the doctor's board show: pure reading, in few and plain queries."""

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from statistics import median

import peewee

from portal.core import settings
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.prescriptions.models import Prescription
from portal.core.visits.duty import present
from portal.core.visits.models import ClinicSession, Duty, Transition, Visit
from portal.core.visits.queue_order import LINE, before
from portal.core.visits.specialties import Specialty
from portal.core.visits.states import (
    ACTIVE,
    AWAITING_RECALL,
    CALLED,
    COMPLETED,
    FINAL,
    IN_CALL,
    READY,
    WAITING,
    WRITING,
)

KNOWN_ENOUGH = 3
LAST_CONSULTS = 20
LOW, HIGH = 0.75, 1.25
LONG_MINUTES, LATE_MINUTES = 30, 60


def position(visit: Visit, now: datetime) -> int:
    """How many people come before this one. Waiting people keep their place also while they are absent."""
    if visit.state not in READY:
        return 0
    returned = (Visit.state == AWAITING_RECALL) & (Visit.here_until > now)
    waiting = (Visit.session == visit.session_id) & ((Visit.state == WAITING) | returned)
    line = Visit.select().where(waiting & before(visit))
    return int(line.count())


def eta_minutes(session: ClinicSession, ahead: int, doctors: int) -> tuple[int, int]:
    """The waiting time as a range, from this session's own consultation times."""
    return wait_range(consult_minutes(session), ahead, doctors)


def wait_range(minutes: float, ahead: int, doctors: int) -> tuple[int, int]:
    """From so many minutes for a consultation, shared among the doctors, to a cautious range."""
    pace = minutes / max(doctors, 1)
    return math.floor(pace * ahead * LOW), math.ceil(pace * (ahead + 1) * HIGH)


def consult_minutes(session: ClinicSession) -> float:
    """The median time from "Call now" to completion, or the setting until three are known."""
    steps = (
        Transition.select(Transition.visit, Transition.to_state, Transition.at)
        .join(Visit)
        .where((Visit.session == session) & (Visit.state == COMPLETED) & Transition.to_state.in_((IN_CALL, COMPLETED)))
        .order_by(Transition.id.desc())
        .limit(LAST_CONSULTS * 2)
    )
    ends: dict[int, dict[str, datetime]] = defaultdict(dict)
    for step in steps:
        ends[step.visit_id][step.to_state] = step.at  # newest first: of two calls with one patient the first one counts
    taken = [(end[COMPLETED] - end[IN_CALL]).total_seconds() / 60 for end in ends.values() if IN_CALL in end]
    return median(taken) if len(taken) >= KNOWN_ENOUGH else settings.number("consult_minutes_default")


def prescription_address(visit: Visit) -> str | None:
    """Where the stored prescription lies, or None while there is none."""
    if visit.state not in (IN_CALL, WRITING, COMPLETED):  # it may be issued during the call
        return None
    stored = Prescription.select().where((Prescription.visit == visit) & Prescription.stored_at.is_null(False))
    return f"/visits/{visit.uid}/prescription.pdf" if stored.exists() else None


@dataclass(frozen=True)
class Place:
    """What a patient's page needs to know beyond the visit itself."""

    ahead: int
    doctors: list[Duty]
    pace: float
    prescription: str | None


def place_of(visit: Visit, now: datetime) -> Place:
    """The place of a visit as the database has it."""
    if visit.state not in READY:
        return Place(0, [], 0, prescription_address(visit))
    return Place(position(visit, now), present(visit.session), consult_minutes(visit.session), None)


def status(visit: Visit, now: datetime, place: Place | None = None) -> dict[str, object]:
    """The status of the contract."""
    place = place or place_of(visit, now)
    is_called = visit.state == CALLED and visit.call_deadline > now
    return {
        "uid": visit.uid,
        "token": visit.token,
        "state": visit.state,
        "ahead": place.ahead,
        "eta_minutes": list(_wait(visit.session, place, now)) if visit.state in READY else [0, 0],
        "call_now": is_called,
        "call_deadline": visit.call_deadline.isoformat() if is_called else None,
        "prescription": place.prescription,
    }


def _wait(session: ClinicSession, place: Place, now: datetime) -> tuple[int, int]:
    """The range, counted from the clinic's opening for those who come early."""
    low, high = wait_range(place.pace, place.ahead, len(place.doctors))
    before = max(0, math.ceil((session.opens_at - now).total_seconds() / 60))
    return before + low, before + high


@dataclass(frozen=True)
class Ticket:
    """One visit as the doctor's board shows it."""

    visit: Visit
    minutes: int
    is_present: bool

    @property
    def mark(self) -> tuple[object, ...]:
        """Two equal marks show the same ticket."""
        minutes = None if self.visit.state in FINAL else self.minutes
        return (self.visit.id, self.visit.state, self.visit.doctor_id, self.visit.attempt, minutes, self.is_present)

    @property
    def level(self) -> str:
        """How long this person has waited, as a word for the eye."""
        if self.visit.state not in READY:
            return "ok"
        if self.minutes >= LATE_MINUTES:
            return "late"
        return "long" if self.minutes >= LONG_MINUTES else "ok"


@dataclass(frozen=True)
class Columns:
    """A specialty's day in columns: the same for each of its doctors."""

    waiting: list[Ticket]
    set_aside: list[Ticket]
    with_doctors: list[Ticket]
    over: list[Ticket]
    seen: int
    present: int

    @cached_property
    def mark(self) -> str:
        """Two equal marks show the same columns. A digest, as every doctor's own mark contains it."""
        columns = (self.waiting, self.set_aside, self.with_doctors, self.over)
        lines = [[ticket.mark for ticket in column] for column in columns]
        return hashlib.sha256(repr(lines).encode()).hexdigest()


@dataclass(frozen=True)
class DoctorBoard:
    """A specialty's day as one of its doctors sees it."""

    mine: list[Visit]
    columns: Columns

    @property
    def mark(self) -> tuple[object, ...]:
        """Two equal marks show the same board."""
        return (tuple((visit.id, visit.state) for visit in self.mine), self.columns.mark)


def doctor_board(session: ClinicSession | None, doctor: Staff, now: datetime) -> DoctorBoard:
    """The board as the database has it."""
    rows = _rows(session, doctor)
    return DoctorBoard(held_by(doctor.id, rows), columns_of(rows, now))


def held_by(doctor_id: int, rows: Iterable[Visit]) -> list[Visit]:
    """Whom this doctor is busy with."""
    return [row for row in rows if row.doctor_id == doctor_id and row.state in ACTIVE]


def columns_of(rows: Iterable[Visit], now: datetime) -> Columns:
    """Visits in the order of calling, sorted into the columns of the board."""
    minute = whole_minute(now)
    tickets = [Ticket(row, _minutes(row, minute), bool(row.here_until and row.here_until > now)) for row in rows]
    waiting = [ticket for ticket in tickets if ticket.visit.state == WAITING]
    over = [ticket for ticket in tickets if ticket.visit.state in FINAL]
    return Columns(
        waiting=waiting,
        set_aside=[ticket for ticket in tickets if ticket.visit.state == AWAITING_RECALL],
        with_doctors=[ticket for ticket in tickets if ticket.visit.state in ACTIVE],
        over=sorted(over, key=lambda ticket: ticket.visit.state_since, reverse=True),
        seen=sum(ticket.visit.state == COMPLETED for ticket in over),
        present=sum(ticket.is_present for ticket in waiting),
    )


def _rows(session: ClinicSession | None, doctor: Staff) -> list[Visit]:
    """Everybody of the session, and whoever this doctor still holds from another day."""
    held = (Visit.doctor == doctor) & Visit.state.in_(ACTIVE)
    rows = (
        Visit.select(Visit, ClinicSession, Specialty, Beneficiary, RegisterEntry, Staff)
        .join(ClinicSession).join(Specialty)
        .switch(Visit).join(Beneficiary).join(RegisterEntry)
        .switch(Visit).join(Staff, peewee.JOIN.LEFT_OUTER, on=Visit.doctor)
        .where(held if session is None else held | (Visit.session == session))
        .order_by(*LINE)
    )  # fmt: skip
    return list(rows)


def _minutes(visit: Visit, minute: datetime) -> int:
    """How long this person has waited, or been with the doctor; all tickets of a board tick in the same second."""
    since = visit.state_since if visit.state in ACTIVE else visit.requested_at
    return max(0, int((minute - whole_minute(since)).total_seconds()) // 60)


def whole_minute(moment: datetime) -> datetime:
    """The minute a moment lies in."""
    return moment.replace(second=0, microsecond=0)
