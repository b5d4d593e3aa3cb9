"""The doctor's board: the session's visits in columns, waits that are too long, last steps, announcements."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from heapq import nlargest
from typing import Any

import peewee

from portal.base.clock import clinic_day
from portal.base.lazy import lazy
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.boards.history import HistoryStep, LastSteps, last_steps, line_words
from portal.core.boards.words import priority_words, state_words
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.visits import announcements
from portal.core.visits.announcements import sentence
from portal.core.visits.attendance import OFF, ON
from portal.core.visits.models import Announcement, Duty, Visit
from portal.core.visits.queue_order import LINE
from portal.core.visits.states import (
    ACTIVE,
    AWAITING_RECALL,
    COMPLETED,
    FINAL,
    READY,
    WAITING,
)
from portal.settings.clinic import QueueRules
from portal.store.versions import etag_of

POLL_SECONDS = 3
STEPS_SHOWN, WAITING_SHOWN, OVER_SHOWN = 3, 60, 8
COLUMN_OF = (
    dict.fromkeys(FINAL, "over") | dict.fromkeys(ACTIVE, "doctors") | {WAITING: "waiting", AWAITING_RECALL: "aside"}
)


@dataclass(frozen=True)
class News:
    """The last step of each visit, and the announcements."""

    lines: LastSteps
    announced: list[Announcement]

    @lazy
    def steps(self) -> list[HistoryStep]:
        """The steps of staff, newest first."""
        return sorted(filter(None, self.lines.values()), key=lambda line: line.id, reverse=True)

    @lazy
    def steps_of(self) -> Mapping[int, list[HistoryStep]]:
        """The steps by staff id, newest first."""
        own = defaultdict(list)
        for line in self.steps:
            own[line.staff.id if line.staff else 0].append(line)
        return own


@dataclass(frozen=True)
class Card:
    """A visit as a card of the board."""

    visit: Visit
    minutes: int
    is_present: bool
    level: str

    @lazy
    def cache_key(self) -> tuple[object, ...]:
        """Equal keys render the same card."""
        minutes = None if self.visit.state in FINAL else self.minutes
        visit = self.visit
        return (
            visit.id,
            visit.state,
            visit.doctor_id,
            visit.attempt,
            visit.call_deadline,
            visit.wanted_doctor_id,
            minutes,
            self.is_present,
            self.level,
        )


@dataclass(frozen=True)
class Column:
    """The number of visits in a column, and the first of them as cards."""

    count: int
    shown: list[Card]


@dataclass(frozen=True)
class Columns:
    """A session in columns: the same for all its doctors."""

    waiting: Column
    set_aside: Column
    with_doctors: Column
    over: Column
    seen: int
    present: int
    first_present: Visit | None

    @lazy
    def cache_key(self) -> str:
        """Equal keys render the same columns. A digest, as each doctor's key contains it."""
        columns = (self.waiting, self.set_aside, self.with_doctors, self.over)
        lines = [(column.count, [card.cache_key for card in column.shown]) for column in columns]
        told = lines, self.seen, self.present, self.first_present and self.first_present.id
        return hashlib.sha256(repr(told).encode()).hexdigest()


@dataclass(frozen=True)
class DoctorBoard:
    """A session as one of its doctors sees it."""

    mine: list[Visit]
    columns: Columns
    steps: list[HistoryStep]
    announced: list[Announcement]
    undo: HistoryStep | None

    @property
    def cache_key(self) -> tuple[object, ...]:
        """Equal keys render the same board."""
        mine = tuple((visit.id, visit.state) for visit in self.mine)
        return mine, self.columns.cache_key, self.news_key, self.undo and self.undo.id

    @property
    def news_key(self) -> tuple[object, ...]:
        """Equal keys render the same last steps and announcements."""
        return tuple(line.id for line in self.steps), tuple(row.uid for row in self.announced)


@dataclass(frozen=True)
class Desk:
    """One doctor's board, with duty, specialty, session and closing notice."""

    board: DoctorBoard
    own: Duty | None
    specialty: Specialty
    session: ClinicSession | None
    closed: str
    now: datetime

    @property
    def can_call(self) -> bool:
        """May this doctor call: on duty, with no active visit?"""
        return self.own is not None and self.own.state == ON and not self.board.mine

    @property
    def today(self) -> date:
        """The clinic's day; a held patient of another day is shown with that day."""
        return clinic_day(self.now)

    @property
    def etag(self) -> str:
        """The ETag of the live block."""
        own = self.own and (self.own.state, self.own.until)
        return etag_of((self.board.cache_key, own, self.closed, self.session and self.session.id, self.today))

    def context(self) -> dict[str, Any]:
        """Build the context of the board's live block."""
        return {
            "board": self.board,
            "columns": self.board.columns,
            "can_call": self.can_call,
            "duty": self.own.state if self.own else OFF,
            "break_until": self.own.until if self.own else None,
            "specialty": self.specialty,
            "session": self.session,
            "closed": self.closed,
            "now": self.now,
            "today": self.today,
            "priority_words": priority_words(),
            "line_words": line_words(),
            "state_words": state_words(),
            "sentence": sentence,
        }


def doctor_board(session: ClinicSession | None, doctor: Staff, now: datetime) -> DoctorBoard:
    """Load a doctor's board from the database."""
    rows = _rows(session, doctor)
    news = News(last_steps(rows, now), announcements.current(session, now)) if session else News({}, [])
    return board_of(doctor.id, held_by(doctor.id, rows), columns_of(rows, QueueRules.in_force(), now), news, now)


def board_of(doctor_id: int, mine: list[Visit], columns: Columns, news: News, now: datetime) -> DoctorBoard:
    """Build the board of one doctor; `undo` is the doctor's newest step that can be undone."""
    own = (line for line in news.steps_of.get(doctor_id, ()) if line.can_undo(doctor_id, now))
    announced = [row for row in news.announced if row.until > now]
    return DoctorBoard(mine, columns, news.steps[:STEPS_SHOWN], announced, next(own, None))


def held_by(doctor_id: int, rows: Iterable[Visit]) -> list[Visit]:
    """Return this doctor's active visits."""
    return [row for row in rows if row.doctor_id == doctor_id and row.state in ACTIVE]


def columns_of(rows: Iterable[Visit], terms: QueueRules, now: datetime) -> Columns:
    """Sort visits, given in the order of calling, into the columns of the board."""
    sorted_in: dict[str, list[Visit]] = {column: [] for column in COLUMN_OF.values()}
    for row in rows:
        sorted_in[COLUMN_OF[row.state]].append(row)
    minute = whole_minute(now)

    def column(kind: str, first: Iterable[Visit]) -> Column:
        return Column(len(sorted_in[kind]), [_card(row, _minutes(row, minute), terms, now) for row in first])

    waiting, aside, doctors = (
        column(kind, sorted_in[kind][:WAITING_SHOWN]) for kind in ("waiting", "aside", "doctors")
    )
    over = column("over", nlargest(OVER_SHOWN, sorted_in["over"], key=lambda row: row.state_since))
    present = [row for row in sorted_in["waiting"] if is_present(row, now)]
    seen = sum(row.state == COMPLETED for row in sorted_in["over"])
    return Columns(waiting, aside, doctors, over, seen, len(present), present[0] if present else None)


def _rows(session: ClinicSession | None, doctor: Staff) -> list[Visit]:
    """Load the session's visits, and active visits of this doctor from another day."""
    held = (Visit.doctor == doctor) & Visit.state.in_(ACTIVE)
    rows = (
        Visit.select(Visit, ClinicSession, Specialty, Beneficiary, RegisterEntry, Staff)
        .join(ClinicSession)
        .join(Specialty)
        .switch(Visit)
        .join(Beneficiary)
        .join(RegisterEntry)
        .switch(Visit)
        .join(Staff, peewee.JOIN.LEFT_OUTER, on=Visit.doctor)
        .where(held if session is None else held | (Visit.session == session))
        .order_by(*LINE)
    )
    return list(rows)


def _card(visit: Visit, minutes: int, terms: QueueRules, now: datetime) -> Card:
    """Build a card; `level` tells how long the wait is: ok, long or late."""
    level = "late" if minutes >= terms.wait_late_minutes else "long" if minutes >= terms.wait_long_minutes else "ok"
    return Card(visit, minutes, is_present(visit, now), level if visit.state in READY else "ok")


def is_present(visit: Visit, now: datetime) -> bool:
    """Is the patient present: page open, or "I am here" tapped a moment ago?"""
    until = visit.here_until
    return until is not None and until > now


def _minutes(visit: Visit, minute: datetime) -> int:
    """Minutes of waiting, or with the doctor; counted from whole minutes, so that all cards change together."""
    since = visit.state_since if visit.state in ACTIVE else visit.requested_at
    return max(0, int((minute - whole_minute(since)).total_seconds()) // 60)


def whole_minute(moment: datetime) -> datetime:
    """Truncate to the minute."""
    return moment.replace(second=0, microsecond=0)


def page_context(desk: Desk, ticket: str) -> dict[str, Any]:
    """Build the context of the whole page."""
    return desk.context() | {"interval": POLL_SECONDS, "ticket": ticket, "etag": desk.etag}
