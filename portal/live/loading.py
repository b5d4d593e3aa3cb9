"""Load a session's queue from the database: each part is taken over from the queue before while it cannot be stale.

What a part depends on stands beside it as `reused_while`. Only what differs is read or made anew, so that a refresh
of a session in which nothing has happened costs two statements, whoever watches.
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
from portal.core.boards.patient_status import consult_minutes
from portal.core.clinic.models import ClinicSession
from portal.core.clinic.sessions import window
from portal.core.prescriptions.models import STUCK_AFTER, Prescription
from portal.core.visits import announcements
from portal.core.visits.models import Announcement, Duty, Visit
from portal.live.queue import (
    CHANGING,
    SEEN,
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

LOAD_EVERY = timedelta(seconds=10)  # for what raises no version: names, settings, the pace, the clinic's hours
Value = TypeVar("Value")


class Steady(Enum):
    """What has stayed as it was since the queue before."""

    VERSION = "no writer has raised the session's version"
    RECENT = "all of it was read a moment ago"
    VISITS = "no visit is new or has moved"
    PRESENCE = "nobody was only seen again"
    CALLS = "nobody was called"
    DUTIES = "no doctor's duty has changed"


def steady(reading: "Reading") -> set[Steady]:
    """What has stayed between the queue before and what has been read now; nothing where there is none before."""
    before, change = reading.before, reading.change
    if before is None:
        return set()
    facts = {
        Steady.VERSION: before.session.version == reading.session.version,
        Steady.RECENT: abs(reading.now - before.loaded_at) < LOAD_EVERY,
        Steady.VISITS: not change.moved,
        Steady.PRESENCE: not change.seen,
        Steady.CALLS: not has_called(before.rows, reading.rows, change.moved),
        Steady.DUTIES: before.duty_rows == reading.duty_rows,
    }
    return {fact for fact, holds in facts.items() if holds}


REUSED_WHILE: dict[str, frozenset[Steady]] = {}  # by the part's name


def reused_while(*facts: Steady) -> Callable[[Callable[["Reading"], Value]], lazy["Reading", Value]]:
    """A part of the queue that is taken over from the queue before while all these hold, and else made."""

    def wrap(make: Callable[["Reading"], Value]) -> lazy["Reading", Value]:
        name, needed = make.__name__, frozenset(facts)
        REUSED_WHILE[name] = needed

        def part(reading: "Reading") -> Value:
            if reading.before is not None and needed <= reading.steady:
                found: Value = getattr(reading.before, name)
                return found
            return make(reading)

        part.__doc__ = make.__doc__
        return lazy(part)

    return wrap


class Reading:
    """A session that is read once more, beside the queue before."""

    def __init__(self, session: ClinicSession, before: Queue | None, now: datetime) -> None:
        self.session, self.before, self.now = session, before, now
        self.rows: Rows = {row[0]: row for row in _rows.raw(session.id)}
        self.change = change_between(before.rows if before else {}, self.rows)
        is_same = before is not None and before.session.version == session.version
        self.duty_rows = before.duty_rows if before and is_same else _duty_rows.raw(session.id)
        self.steady = steady(self)

    @lazy
    def visits(self) -> dict[int, Visit]:
        """Everybody of the session, in the order of calling; whoever has not changed is the same as before."""
        kept = self.before.visits if self.before else {}
        made = {visit.id: visit for visit in _make(self.session, self.change.moved, kept)}
        made |= {key: _seen(kept[key], *self.rows[key][SEEN:]) for key in self.change.seen}
        if kept.keys() == self.rows.keys():  # nobody new, and nobody's place changes
            return kept | made
        visits = [made.get(key) or kept[key] for key in self.rows]
        return {visit.id: visit for visit in sorted(visits, key=lambda visit: visit.order)}

    @reused_while(Steady.RECENT)
    def loaded_at(self) -> datetime:
        """Now, as all of it is read."""
        return self.now

    @reused_while(Steady.VISITS)
    def account_of(self) -> dict[int, int]:
        """Whose visits these are; nobody's visit goes over to somebody else."""
        known = self.before.account_of if self.before else {}
        if known.keys() == self.visits.keys():
            return known
        return {key: known.get(key) or visit.beneficiary.account_id for key, visit in self.visits.items()}

    @reused_while(Steady.VISITS)
    def accounts(self) -> frozenset[int]:
        """Who has somebody waiting or with a doctor."""
        return open_accounts(self.rows, self.account_of)

    @reused_while(Steady.VISITS)
    def endings(self) -> dict[int, Ending]:
        """How visits ended: looked up for those that have moved."""
        known = self.before.endings if self.before else {}
        return self._unmoved(known) | endings_of(self._moved())

    @reused_while(Steady.CALLS)
    def last(self) -> list[str]:
        """The numbers called, newest first."""
        return displays.last_called(displays.calls_of.raw(self.session.id), self.visits)

    @reused_while(Steady.VERSION)
    def said(self) -> list[Announcement]:
        """What is announced to those who wait."""
        return announcements.current(self.session, self.now)

    @reused_while(Steady.VERSION, Steady.RECENT, Steady.VISITS)
    def news(self) -> News:
        """What happened last with each visit of late: looked up for those that have moved."""
        known = self.before.news.lines if self.before else {}
        kept = self._unmoved(known)
        about = [self.visits[key] for key in kept]
        return News(last_steps([*about, *self._moved()], self.now, kept), self.said)

    @reused_while(Steady.VERSION, Steady.RECENT)
    def files(self) -> Files:
        """Which prescriptions can be downloaded, and which cannot be made."""
        rows = _issued.raw(self.session.id)
        stored = frozenset(visit for visit, is_stored, _tries in rows if is_stored)
        return Files(stored, frozenset(visit for visit, _is_stored, tries in rows if tries >= STUCK_AFTER) - stored)

    @reused_while(Steady.RECENT, Steady.DUTIES)
    def duties(self) -> list[Duty]:
        """The doctors of the session, with their names."""
        return displays.duties_of.all(self.session.id)

    @reused_while(Steady.RECENT)
    def pace(self) -> float:
        """How many minutes a consultation takes."""
        return consult_minutes(self.session)

    @reused_while(Steady.RECENT)
    def closed(self) -> dict[str, str]:
        """Why no token can be had, in each language."""
        return {language: _closed(self.session, language, self.now) for language in LANGUAGES}

    @reused_while(Steady.VERSION, Steady.VISITS, Steady.PRESENCE)
    def kept(self) -> dict[object, Any]:
        """What pages made of the queue: nothing yet."""
        return {}

    def _moved(self) -> list[Visit]:
        return [self.visits[key] for key in self.change.moved]

    def _unmoved(self, known: dict[int, Value]) -> dict[int, Value]:
        return {key: value for key, value in known.items() if key not in self.change.moved}


def load(session: ClinicSession, before: Queue | None, now: datetime) -> Queue:
    """A session's queue. Only what differs from the queue before is made anew."""
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
        files=reading.files,
        closed=reading.closed,
        kept=reading.kept,
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
    """Which visits have a prescription, whether it can be downloaded, and how often making its file failed."""
    issued = Prescription.select(Prescription.visit, Prescription.stored_at.is_null(False), Prescription.tries)
    return issued.join(Visit).where(Visit.session == session)


def _make(session: ClinicSession, moved: set[int], kept: dict[int, Visit]) -> list[Visit]:
    """The rows as models, with everybody the templates name: they must not ask the database one by one."""
    fresh = list(Visit.select().where(Visit.id.in_(list(moved)))) if moved else []
    people = _people([visit.beneficiary_id for visit in fresh if visit.id not in kept])
    doctors = {doctor.id: doctor for doctor in _doctors({visit.doctor_id for visit in fresh if visit.doctor_id})}
    for visit in fresh:
        old = kept.get(visit.id)
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


def _seen(visit: Visit, here_until: Any, lease_until: Any) -> Visit:
    """The same visit, whose patient or doctor has been seen again: a copy, as pages made of the old one live on."""
    moments = {
        "here_until": Visit.here_until.python_value(here_until),
        "lease_until": Visit.lease_until.python_value(lease_until),
    }
    other: Visit = Visit.__new__(Visit)  # copy.copy takes ten times as long, and a whole hall polls
    other.__dict__ |= visit.__dict__ | {"__data__": visit.__data__ | moments}
    return other


def _closed(session: ClinicSession, language: str, now: datetime) -> str:
    with speaking(language):
        return window(session, now)
