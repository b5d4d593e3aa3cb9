"""One session's queue as cached in memory, and the change between two readings of its rows. No database access."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.base.lazy import lazy
from portal.core.boards.doctor_board import News, is_present
from portal.core.boards.endings import Ending
from portal.core.boards.patient_status import Paper, Place
from portal.core.clinic.models import ClinicSession
from portal.core.visits.attendance import DRAIN, OFF, Present
from portal.core.visits.models import Announcement, Duty, Visit
from portal.core.visits.states import ACTIVE, AWAITING_RECALL, OPEN, READY, WAITING

CHANGING = (
    Visit.id,
    Visit.state,
    Visit.doctor,
    Visit.attempt,
    Visit.lapses,
    Visit.call_deadline,
    Visit.state_since,
    Visit.priority,
    Visit.here_until,
    Visit.lease_until,
)
STATE, DOCTOR, ATTEMPT = 1, 2, 3  # their places in a row
TOUCHED = 8  # columns from here on change by presence and leases only
NOBODY = Present()

Row = tuple[Any, ...]
Rows = Mapping[int, Row]  # by visit id, raw driver values: for comparison only


@dataclass(frozen=True)
class Files:
    """Visits whose prescription can be downloaded, whose file cannot be made, whose prescription is cancelled."""

    stored: frozenset[int]
    stuck: frozenset[int]
    cancelled: frozenset[int]


@dataclass(frozen=True)
class Queue:
    """One session at one moment. Immutable: a refresh replaces it."""

    session: ClinicSession
    made_at: datetime
    loaded_at: datetime  # the last full load
    rows: Rows
    visits: dict[int, Visit]  # by id, in the order of calling
    ahead: dict[int, int]
    duty_rows: list[Row]
    duties: list[Duty]
    pace: float
    expected: int  # doctors on the roster, where the wait is shared among them
    files: Files
    endings: dict[int, Ending]
    held: dict[int, list[Visit]]  # active visits by doctor id
    account_of: dict[int, int]  # account id by visit id
    accounts: frozenset[int]  # ids of accounts with somebody waiting or with a doctor
    said: list[Announcement]
    last: list[str]  # the numbers called, newest first
    closed: dict[str, str]  # why no token can be had, in each language
    news: News
    page_cache: dict[object, Any] = field(default_factory=dict)  # rendered pages of this queue

    def place(self, visit: Visit) -> Place:
        """Return from the cache what patient_status.place_of queries."""
        ending = self.endings.get(visit.id)
        if visit.state in READY:
            return Place(self.ahead[visit.id], self.present, self.pace, ending=ending, expected=self.expected)
        address = f"/visits/{visit.uid}/prescription.pdf" if visit.id in self.files.stored else None
        paper = Paper(address, visit.id in self.files.stuck, visit.id in self.files.cancelled)
        return Place(0, NOBODY, 0, paper, ending)

    def is_drained(self, now: datetime) -> bool:
        """Is the session past closing, while somebody still waits for a doctor on duty?"""
        waits = any(row[STATE] in READY for row in self.rows.values())
        session = self.session
        return session.closed_at is None and session.closes_at > now - DRAIN and waits and bool(self.present)

    @lazy
    def present(self) -> Present:
        """The doctors on duty or on a break."""
        return Present(duty for duty in self.duties if duty.state != OFF)

    def duty_of(self, staff_id: int) -> Duty | None:
        """Return a doctor's duty in this session, if any."""
        return next((duty for duty in self.duties if duty.doctor_id == staff_id), None)


@dataclass(frozen=True)
class Change:
    """Ids of visits that are new or have moved since the last reading, and of those only touched."""

    moved: set[int]
    touched: set[int]


def change_between(known: Rows, rows: Rows) -> Change:
    """Compare two readings of the rows."""
    other = {key for key, row in rows.items() if known.get(key) != row}
    touched = {key for key in other if key in known and known[key][:TOUCHED] == rows[key][:TOUCHED]}
    return Change(other - touched, touched)


def has_called(known: Rows, rows: Rows, moved: set[int]) -> bool:
    """Has one of those who moved been called, or been called once more?"""
    return any(rows[key][ATTEMPT] and (key not in known or known[key][ATTEMPT] != rows[key][ATTEMPT]) for key in moved)


def held_in(rows: Rows, visits: Mapping[int, Visit]) -> dict[int, list[Visit]]:
    """Group the active visits by doctor id."""
    held: dict[int, list[Visit]] = {}
    for key, row in rows.items():
        if row[STATE] in ACTIVE and row[DOCTOR]:
            held.setdefault(row[DOCTOR], []).append(visits[key])
    return held


def counted_ahead(rows: Rows, visits: Mapping[int, Visit], now: datetime) -> dict[int, int]:
    """Count how many come before each visit, given in the order of calling (as patient_status.position)."""
    ahead, count = {}, 0
    for key, visit in visits.items():
        ahead[key] = count
        state = rows[key][STATE]
        count += state == WAITING or (state == AWAITING_RECALL and is_present(visit, now))
    return ahead


def open_accounts(rows: Rows, account_of: Mapping[int, int]) -> frozenset[int]:
    """Return the accounts whose visits are waiting or with a doctor."""
    return frozenset(account_of[key] for key, row in rows.items() if row[STATE] in OPEN)
