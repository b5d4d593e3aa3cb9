"""The doctor's board: everybody of the day in columns, who waits too long, what happened last, what is announced."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import peewee

from portal.core import settings
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.visits import announcements
from portal.core.visits.history import Line, last_steps
from portal.core.visits.models import Announcement, ClinicSession, Visit
from portal.core.visits.queue_order import LINE
from portal.core.visits.specialties import Specialty
from portal.core.visits.states import (
    ACTIVE,
    AWAITING_RECALL,
    COMPLETED,
    FINAL,
    READY,
    WAITING,
)

STEPS_SHOWN = 3


@dataclass(frozen=True)
class Limits:
    """From how many minutes of waiting the board shows amber, and red."""

    long: int = 30
    late: int = 60


def limits() -> Limits:
    """As the administrator has set them."""
    return Limits(settings.number("wait_long_minutes"), settings.number("wait_late_minutes"))


@dataclass(frozen=True)
class News:
    """What happened last, newest first, and what is said to those who wait."""

    steps: list[Line]
    announced: list[Announcement]

    @property
    def mark(self) -> tuple[object, ...]:
        """Two equal marks tell the same."""
        return tuple(line.id for line in self.steps), tuple(row.uid for row in self.announced)


def news_of(session: ClinicSession, visits: Mapping[int, Visit], now: datetime) -> News:
    """The news of a session as the database has it; its visits by id."""
    return News(last_steps(session, visits, now), announcements.current(session, now))


@dataclass(frozen=True)
class Ticket:
    """One visit as the doctor's board shows it."""

    visit: Visit
    minutes: int
    is_present: bool
    level: str

    @property
    def mark(self) -> tuple[object, ...]:
        """Two equal marks show the same ticket."""
        minutes = None if self.visit.state in FINAL else self.minutes
        visit = self.visit
        return (visit.id, visit.state, visit.doctor_id, visit.attempt, visit.wanted_doctor_id, minutes, self.is_present,
                self.level)  # fmt: skip


@dataclass(frozen=True)
class Columns:
    """A specialty's day in columns: the same for each of its doctors."""

    waiting: list[Ticket]
    set_aside: list[Ticket]
    with_doctors: list[Ticket]
    over: list[Ticket]
    seen: int
    present: int
    first_present: Ticket | None

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
    steps: list[Line]
    announced: list[Announcement]
    undo: Line | None

    @property
    def mark(self) -> tuple[object, ...]:
        """Two equal marks show the same board."""
        mine = tuple((visit.id, visit.state) for visit in self.mine)
        told = tuple(line.id for line in self.steps), tuple(row.uid for row in self.announced)
        return mine, self.columns.mark, told, self.undo and self.undo.id


def doctor_board(session: ClinicSession | None, doctor: Staff, now: datetime) -> DoctorBoard:
    """The board as the database has it."""
    rows = _rows(session, doctor)
    news = news_of(session, {row.id: row for row in rows}, now) if session else News([], [])
    return board_of(doctor.id, held_by(doctor.id, rows), columns_of(rows, limits(), now), news, now)


def board_of(doctor_id: int, mine: list[Visit], columns: Columns, news: News, now: datetime) -> DoctorBoard:
    """The board of one doctor. What can be undone is the newest step of his or her own that can be."""
    own = (line for line in news.steps if line.can_undo(doctor_id, now))
    announced = [row for row in news.announced if row.until > now]
    return DoctorBoard(mine, columns, news.steps[:STEPS_SHOWN], announced, next(own, None))


def held_by(doctor_id: int, rows: Iterable[Visit]) -> list[Visit]:
    """Whom this doctor is busy with."""
    return [row for row in rows if row.doctor_id == doctor_id and row.state in ACTIVE]


def columns_of(rows: Iterable[Visit], terms: Limits, now: datetime) -> Columns:
    """Visits in the order of calling, sorted into the columns of the board."""
    minute = whole_minute(now)
    tickets = [_ticket(row, _minutes(row, minute), terms, now) for row in rows]
    waiting = [ticket for ticket in tickets if ticket.visit.state == WAITING]
    over = [ticket for ticket in tickets if ticket.visit.state in FINAL]
    return Columns(
        waiting=waiting,
        set_aside=[ticket for ticket in tickets if ticket.visit.state == AWAITING_RECALL],
        with_doctors=[ticket for ticket in tickets if ticket.visit.state in ACTIVE],
        over=sorted(over, key=lambda ticket: ticket.visit.state_since, reverse=True),
        seen=sum(ticket.visit.state == COMPLETED for ticket in over),
        present=sum(ticket.is_present for ticket in waiting),
        first_present=next((ticket for ticket in waiting if ticket.is_present), None),
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


def _ticket(visit: Visit, minutes: int, terms: Limits, now: datetime) -> Ticket:
    """A ticket with the word for the eye: how long this person has waited."""
    level = "late" if minutes >= terms.late else "long" if minutes >= terms.long else "ok"
    is_present = bool(visit.here_until and visit.here_until > now)
    return Ticket(visit, minutes, is_present, level if visit.state in READY else "ok")


def _minutes(visit: Visit, minute: datetime) -> int:
    """How long this person has waited, or been with the doctor; all tickets of a board tick in the same second."""
    since = visit.state_since if visit.state in ACTIVE else visit.requested_at
    return max(0, int((minute - whole_minute(since)).total_seconds()) // 60)


def whole_minute(moment: datetime) -> datetime:
    """The minute a moment lies in."""
    return moment.replace(second=0, microsecond=0)
