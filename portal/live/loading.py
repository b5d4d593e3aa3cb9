"""Load a session's queue into the cache: a part is reused from the previous queue while it cannot be stale.

`reused_while` names what a part depends on. Refreshing an unchanged session costs two statements, however many poll.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, TypeVar

import peewee

from portal.base.language import LANGUAGES, speaking
from portal.base.lazy import lazy
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.boards import displays
from portal.core.boards.doctor_board import News
from portal.core.boards.endings import Ending, endings_of
from portal.core.boards.history import last_steps
from portal.core.boards.patient_status import consult_minutes, counts_roster
from portal.core.clinic.models import ClinicSession
from portal.core.clinic.sessions import window
from portal.core.prescriptions.models import NEWEST, STUCK_AFTER, Prescription
from portal.core.rosters.reading import expected
from portal.core.visits import announcements
from portal.core.visits.attendance import OFF, Present
from portal.core.visits.models import Announcement, Duty, Visit
from portal.live.queue import (
    CHANGING,
    TOUCHED,
    Files,
    Queue,
    Rows,
    change_between,
    counted_ahead,
    has_called,
    held_in,
    open_accounts,
)
from portal.store.prepared import Prepared

LOAD_EVERY = timedelta(seconds=10)  # for changes that bump no version: names, settings, pace, clinic hours
Value = TypeVar("Value")


class Unchanged(Enum):
    """What has not changed since the previous queue."""

    VERSION = "no writer has bumped the session's version"
    RECENT = "all of it was loaded less than LOAD_EVERY ago"
    VISITS = "no visit is new or has moved"
    PRESENCE = "no presence or lease was touched"
    CALLS = "nobody was called"
    DUTIES = "no doctor's duty has changed"


def unchanged(reading: "Reading") -> set[Unchanged]:
    """Return what has not changed since the previous queue; nothing on the first reading."""
    before, change = reading.before, reading.change
    if before is None:
        return set()
    facts = {
        Unchanged.VERSION: before.session.version == reading.session.version,
        Unchanged.RECENT: abs(reading.now - before.loaded_at) < LOAD_EVERY,
        Unchanged.VISITS: not change.moved,
        Unchanged.PRESENCE: not change.touched,
        Unchanged.CALLS: not has_called(before.rows, reading.rows, change.moved),
        Unchanged.DUTIES: before.duty_rows == reading.duty_rows,
    }
    return {fact for fact, holds in facts.items() if holds}


REUSED_WHILE: dict[str, frozenset[Unchanged]] = {}  # by the part's name


def reused_while(*facts: Unchanged) -> Callable[[Callable[["Reading"], Value]], lazy["Reading", Value]]:
    """Decorate a part of the queue: reuse it from the previous queue while all these hold, else make it."""

    def wrap(make: Callable[["Reading"], Value]) -> lazy["Reading", Value]:
        name, needed = make.__name__, frozenset(facts)
        REUSED_WHILE[name] = needed

        def part(reading: "Reading") -> Value:
            if reading.before is not None and needed <= reading.unchanged:
                found: Value = getattr(reading.before, name)
                return found
            return make(reading)

        part.__doc__ = make.__doc__
        return lazy(part)

    return wrap


class Reading:
    """A session's rows as read now, compared with the previous queue."""

    def __init__(self, session: ClinicSession, before: Queue | None, now: datetime) -> None:
        self.session, self.before, self.now = session, before, now
        self.rows: Rows = {row[0]: row for row in _rows.raw(session.id)}
        self.change = change_between(before.rows if before else {}, self.rows)
        is_same = before is not None and before.session.version == session.version
        self.duty_rows = before.duty_rows if before and is_same else _duty_rows.raw(session.id)
        self.unchanged = unchanged(self)

    @lazy
    def visits(self) -> dict[int, Visit]:
        """Visits in the order of calling; an unchanged visit is the same object as before."""
        cached = self.before.visits if self.before else {}
        made = {visit.id: visit for visit in _make(self.session, self.change.moved, cached)}
        made |= {key: _touched(cached[key], *self.rows[key][TOUCHED:]) for key in self.change.touched}
        if cached.keys() == self.rows.keys():  # no new visit, so the order is unchanged
            return cached | made
        visits = [made.get(key) or cached[key] for key in self.rows]
        return {visit.id: visit for visit in sorted(visits, key=lambda visit: visit.order)}

    @reused_while(Unchanged.RECENT)
    def loaded_at(self) -> datetime:
        """The last time that all of it was loaded."""
        return self.now

    @reused_while(Unchanged.VISITS)
    def account_of(self) -> dict[int, int]:
        """Account id by visit id. A visit never changes its account."""
        known = self.before.account_of if self.before else {}
        if known.keys() == self.visits.keys():
            return known
        return {key: known.get(key) or visit.beneficiary.account_id for key, visit in self.visits.items()}

    @reused_while(Unchanged.VISITS)
    def accounts(self) -> frozenset[int]:
        """Ids of accounts with somebody waiting or with a doctor."""
        return open_accounts(self.rows, self.account_of)

    @reused_while(Unchanged.VISITS)
    def endings(self) -> dict[int, Ending]:
        """How visits ended; queried for moved visits only."""
        known = self.before.endings if self.before else {}
        return self._unmoved(known) | endings_of(self._moved())

    @reused_while(Unchanged.CALLS)
    def last(self) -> list[str]:
        """The numbers called, newest first."""
        return displays.last_called(displays.calls_of.raw(self.session.id), self.visits)

    @reused_while(Unchanged.VERSION)
    def said(self) -> list[Announcement]:
        """What is announced to those who wait."""
        return announcements.current(self.session, self.now)

    @reused_while(Unchanged.VERSION, Unchanged.RECENT, Unchanged.VISITS)
    def news(self) -> News:
        """Each visit's recent last step; queried for moved visits only."""
        known = self.before.news.lines if self.before else {}
        cached = self._unmoved(known)
        about = [self.visits[key] for key in cached]
        return News(last_steps([*about, *self._moved()], self.now, cached), self.said)

    @reused_while(Unchanged.VERSION, Unchanged.RECENT)
    def files(self) -> Files:
        """Which prescriptions can be downloaded, which cannot be made, and which are cancelled."""
        rows = _issued.raw(self.session.id)
        cancelled = frozenset(visit for visit, _is_stored, _tries, is_cancelled in rows if is_cancelled)
        stored = frozenset(visit for visit, is_stored, _tries, _is_cancelled in rows if is_stored) - cancelled
        stuck = frozenset(visit for visit, _is_stored, tries, _is_cancelled in rows if tries >= STUCK_AFTER)
        return Files(stored, stuck - stored - cancelled, cancelled)

    @reused_while(Unchanged.RECENT, Unchanged.DUTIES)
    def duties(self) -> list[Duty]:
        """The doctors of the session, with their names."""
        return displays.duties_of.all(self.session.id)

    @reused_while(Unchanged.RECENT)
    def pace(self) -> float:
        """How many minutes a consultation takes."""
        return consult_minutes(self.session)

    @reused_while(Unchanged.RECENT, Unchanged.DUTIES)
    def expected(self) -> int:
        """How many doctors of the roster share the wait, where it counts."""
        there = Present(duty for duty in self.duties if duty.state != OFF)
        return expected(self.session, self.now) if counts_roster(self.session, there, self.now) else 0

    @reused_while(Unchanged.RECENT)
    def closed(self) -> dict[str, str]:
        """Why no token can be had, in each language."""
        return {language: _closed(self.session, language, self.now) for language in LANGUAGES}

    @reused_while(Unchanged.VERSION, Unchanged.VISITS, Unchanged.PRESENCE)
    def page_cache(self) -> dict[object, Any]:
        """An empty page cache."""
        return {}

    def _moved(self) -> list[Visit]:
        return [self.visits[key] for key in self.change.moved]

    def _unmoved(self, known: dict[int, Value]) -> dict[int, Value]:
        return {key: value for key, value in known.items() if key not in self.change.moved}


def load(session: ClinicSession, before: Queue | None, now: datetime) -> Queue:
    """Load a session's queue, reusing what has not changed since `before`."""
    reading = Reading(session, before, now)
    visits = reading.visits
    return Queue(
        session=session,
        made_at=now,
        loaded_at=reading.loaded_at,
        rows=reading.rows,
        visits=visits,
        ahead=counted_ahead(reading.rows, visits, now),
        held=held_in(reading.rows, visits),
        account_of=reading.account_of,
        accounts=reading.accounts,
        endings=reading.endings,
        last=reading.last,
        said=reading.said,
        news=reading.news,
        duty_rows=reading.duty_rows,
        duties=reading.duties,
        pace=reading.pace,
        expected=reading.expected,
        files=reading.files,
        closed=reading.closed,
        page_cache=reading.page_cache,
    )


@Prepared
def _rows(session: object) -> peewee.Select:
    return Visit.select(*CHANGING).where(Visit.session == session)


@Prepared
def _duty_rows(session: object) -> peewee.Select:
    rows = Duty.select(Duty.id, Duty.state, Duty.changed_at)
    return rows.where(Duty.session == session).order_by(Duty.id)


@Prepared
def _issued(session: object) -> peewee.Select:
    """Select (visit, whether the file is stored, failed tries, whether cancelled) of the newest prescriptions."""
    is_stored, is_cancelled = Prescription.stored_at.is_null(False), Prescription.cancelled_at.is_null(False)
    issued = Prescription.select(Prescription.visit, is_stored, Prescription.tries, is_cancelled)
    return issued.join(Visit).where((Visit.session == session) & NEWEST)


def _make(session: ClinicSession, moved: set[int], cached: dict[int, Visit]) -> list[Visit]:
    """Load moved visits with all related rows the templates read, to avoid one query per visit."""
    fresh = list(Visit.select().where(Visit.id.in_(list(moved)))) if moved else []
    people = _people([visit.beneficiary_id for visit in fresh if visit.id not in cached])
    doctors = {doctor.id: doctor for doctor in _doctors({visit.doctor_id for visit in fresh if visit.doctor_id})}
    for visit in fresh:
        old = cached.get(visit.id)
        visit.session = session
        visit.beneficiary = old.beneficiary if old else people[visit.beneficiary_id]
        visit.doctor = doctors.get(visit.doctor_id or 0)
    return fresh


def _people(keys: list[int]) -> dict[int, Beneficiary]:
    if not keys:
        return {}
    rows = Beneficiary.select(Beneficiary, RegisterEntry).join(RegisterEntry).where(Beneficiary.id.in_(keys))
    return {row.id: row for row in rows}


def _doctors(keys: set[int]) -> list[Staff]:
    return list(Staff.select().where(Staff.id.in_(keys))) if keys else []


def _touched(visit: Visit, here_until: Any, lease_until: Any) -> Visit:
    """Copy a visit with new presence and lease; a copy, as cached pages still hold the old one."""
    moments = {
        "here_until": Visit.here_until.python_value(here_until),
        "lease_until": Visit.lease_until.python_value(lease_until),
    }
    other: Visit = Visit.__new__(Visit)  # copy.copy takes ten times as long
    other.__dict__ |= visit.__dict__ | {"__data__": visit.__data__ | moments}
    return other


def _closed(session: ClinicSession, language: str, now: datetime) -> str:
    with speaking(language):
        return window(session, now)
