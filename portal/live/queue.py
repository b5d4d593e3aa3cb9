"""One session as it is kept in memory: loaded again when something has changed, made anew only where it differs."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import peewee

from portal.base.language import LANGUAGES, speaking
from portal.base.lazy import lazy
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.boards import displays
from portal.core.boards.doctor_board import Limits, News, is_present, limits
from portal.core.boards.endings import Ending, endings_of
from portal.core.boards.history import Lines, last_steps
from portal.core.boards.patient_panel import Rules
from portal.core.boards.patient_status import Place, consult_minutes
from portal.core.clinic.models import ClinicSession
from portal.core.clinic.sessions import window
from portal.core.prescriptions.models import STUCK_AFTER, Prescription
from portal.core.visits import announcements
from portal.core.visits.attendance import DRAIN, OFF, Present
from portal.core.visits.models import Announcement, Duty, Visit
from portal.core.visits.states import ACTIVE, AWAITING_RECALL, OPEN, READY, WAITING
from portal.store.prepared import Prepared

LOAD_EVERY = timedelta(seconds=10)
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
NOBODY = Present()
SEEN = 8  # from here on: what only says that somebody was seen


Rows = dict[int, tuple[Any, ...]]  # by the visit's id, as the driver gives them: to be compared, not read


@dataclass(frozen=True)
class Change:
    """Which visits are new or have moved since the last reading, and of which there is only a new sign of life."""

    moved: set[int]
    seen: set[int]


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


@dataclass(frozen=True)
class Queue:
    """One session at one moment. Never changed: the next one takes its place."""

    session: ClinicSession
    made_at: datetime
    loaded_at: datetime  # the last time that all of it was read
    rows: Rows
    visits: dict[int, Visit]  # by id, in the order of calling
    ahead: dict[int, int]
    duty_rows: list[tuple[Any, ...]]
    duties: list[Duty]
    pace: float
    stored: frozenset[int]
    stuck: frozenset[int]  # whose prescription's file cannot be made
    endings: dict[int, Ending]
    held: dict[int, list[Visit]]  # with whom each doctor is busy
    account_of: dict[int, int]  # by visit
    accounts: frozenset[int]  # who has somebody waiting or with a doctor
    said: list[Announcement]
    last: list[str]  # the numbers called, newest first
    closed: dict[str, str]  # why no token can be had, in each language
    rules: Rules
    news: News
    limits: Limits
    kept: dict[object, Any] = field(default_factory=dict)  # what pages made of this queue

    def place(self, visit: Visit) -> Place:
        """What patient_status.place_of reads from the database."""
        address = f"/visits/{visit.uid}/prescription.pdf" if visit.id in self.stored else None
        if visit.state not in READY:
            return Place(0, NOBODY, 0, address, self.endings.get(visit.id), visit.id in self.stuck)
        return Place(self.ahead[visit.id], self.present, self.pace, None, self.endings.get(visit.id))

    def is_drained(self, now: datetime) -> bool:
        """After its closing: does somebody still wait here for a doctor on duty?"""
        waits = any(row[STATE] in READY for row in self.rows.values())
        session = self.session
        return session.closed_at is None and session.closes_at > now - DRAIN and waits and bool(self.present)

    @lazy
    def present(self) -> Present:
        """The doctors who are on duty or on a break: one list for all who wait for them."""
        return Present(duty for duty in self.duties if duty.state != OFF)

    def duty_of(self, staff_id: int) -> Duty | None:
        """A doctor's duty in this session."""
        return next((duty for duty in self.duties if duty.doctor_id == staff_id), None)


def load(session: ClinicSession, before: Queue | None, terms: Rules, now: datetime) -> Queue:
    """A session's queue. Only what differs from the queue before is made anew."""
    rows = {row[0]: row for row in _rows.raw(session.id)}
    change = _compared(rows, before.rows if before else {})
    visits = _visits(session, rows, change, before)
    same = before if before is not None and before.session.version == session.version else None
    slow = before if before is not None and abs(now - before.loaded_at) < LOAD_EVERY else None
    still = before if before is not None and not change.moved else None
    account_of = still.account_of if still else _accounts(visits, before)
    said = same.said if same else announcements.current(session, now)
    duty_rows = same.duty_rows if same else _duty_rows.raw(session.id)
    stored, stuck = (same.stored, same.stuck) if same and slow else _prescriptions(session)
    return Queue(
        session,
        now,
        slow.loaded_at if slow else now,
        rows,
        visits,
        _ahead(rows, visits, now),
        duty_rows=duty_rows,
        duties=_duties(session, duty_rows, slow),
        held=_held(rows, visits),
        account_of=account_of,
        accounts=still.accounts if still else _open_accounts(rows, account_of),
        pace=slow.pace if slow else consult_minutes(session),
        stored=stored,
        stuck=stuck,
        endings=still.endings if still else _endings(visits, change, before),
        said=said,
        last=before.last if before and not _called(rows, change, before) else _last(session, visits),
        closed=slow.closed if slow else _closed(session, now),
        rules=terms,
        news=still.news if still and slow and said is still.said else News(_lines(visits, change, before, now), said),
        limits=slow.limits if slow else limits(),
        kept=same.kept if same and still and not change.seen else {},
    )


def _prescriptions(session: ClinicSession) -> tuple[frozenset[int], frozenset[int]]:
    """The visits whose prescription can be downloaded, and those whose file cannot be made."""
    rows = _issued.raw(session.id)
    stored = frozenset(visit for visit, is_stored, _tries in rows if is_stored)
    return stored, frozenset(visit for visit, _is_stored, tries in rows if tries >= STUCK_AFTER) - stored


def _compared(rows: Rows, known: Rows) -> Change:
    """What has happened to each visit since its row was read before."""
    other = {key for key, row in rows.items() if known.get(key) != row}
    seen = {key for key in other if key in known and known[key][:SEEN] == rows[key][:SEEN]}
    return Change(other - seen, seen)


def _visits(session: ClinicSession, rows: Rows, change: Change, before: Queue | None) -> dict[int, Visit]:
    kept = before.visits if before else {}
    made = {visit.id: visit for visit in _make(session, change.moved, kept)}
    made |= {key: _seen(kept[key], *rows[key][SEEN:]) for key in change.seen}
    if kept.keys() == rows.keys():  # nobody new, and nobody's place changes
        return kept | made
    visits = [made.get(key) or kept[key] for key in rows]
    return {visit.id: visit for visit in sorted(visits, key=lambda visit: visit.order)}


def _held(rows: Rows, visits: dict[int, Visit]) -> dict[int, list[Visit]]:
    held: dict[int, list[Visit]] = {}
    for key, row in rows.items():
        if row[STATE] in ACTIVE and row[DOCTOR]:
            held.setdefault(row[DOCTOR], []).append(visits[key])
    return held


def _seen(visit: Visit, here_until: Any, lease_until: Any) -> Visit:
    """The same visit, whose patient or doctor has been seen again: a copy, as pages made of the old one live on."""
    moments = {
        "here_until": Visit.here_until.python_value(here_until),
        "lease_until": Visit.lease_until.python_value(lease_until),
    }
    other: Visit = Visit.__new__(Visit)  # copy.copy takes ten times as long, and a whole hall polls
    other.__dict__ |= visit.__dict__ | {"__data__": visit.__data__ | moments}
    return other


def _lines(visits: dict[int, Visit], change: Change, before: Queue | None, now: datetime) -> Lines:
    """What happened last with each visit of late; looked up for those that have moved."""
    known = before.news.lines if before else {}
    kept = {key: line for key, line in known.items() if key not in change.moved}
    return last_steps([visits[key] for key in (*kept, *change.moved)], now, kept)


def _called(rows: Rows, change: Change, before: Queue) -> bool:
    """Has anybody been called since?"""
    known = before.rows
    return any(
        rows[key][ATTEMPT] and (key not in known or known[key][ATTEMPT] != rows[key][ATTEMPT]) for key in change.moved
    )


def _accounts(visits: dict[int, Visit], before: Queue | None) -> dict[int, int]:
    """Whose visits these are; nobody's visit goes over to somebody else."""
    known = before.account_of if before else {}
    if known.keys() == visits.keys():
        return known
    return {key: known.get(key) or visit.beneficiary.account_id for key, visit in visits.items()}


def _open_accounts(rows: Rows, account_of: dict[int, int]) -> frozenset[int]:
    return frozenset(account_of[key] for key, row in rows.items() if row[STATE] in OPEN)


def _endings(visits: dict[int, Visit], change: Change, before: Queue | None) -> dict[int, Ending]:
    """How visits ended: read once, and again when a visit has moved."""
    kept = {key: end for key, end in before.endings.items() if key not in change.moved} if before else {}
    return kept | endings_of([visits[key] for key in change.moved])


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


def _ahead(rows: Rows, visits: dict[int, Visit], now: datetime) -> dict[int, int]:
    """How many come before each; counted as patient_status.position counts them."""
    ahead, count = {}, 0
    for key in visits:
        ahead[key] = count
        state = rows[key][STATE]
        count += state == WAITING or (state == AWAITING_RECALL and is_present(visits[key], now))
    return ahead


def _closed(session: ClinicSession, now: datetime) -> dict[str, str]:
    sentences = {}
    for language in LANGUAGES:
        with speaking(language):
            sentences[language] = window(session, now)
    return sentences


def _last(session: ClinicSession, visits: dict[int, Visit]) -> list[str]:
    return displays.last_called(displays.calls_of.raw(session.id), visits)


def _duties(session: ClinicSession, rows: list[tuple[Any, ...]], before: Queue | None) -> list[Duty]:
    """The doctors of a session; the same as before when nobody's duty has changed."""
    if before and before.duty_rows == rows:
        return before.duties
    return displays.duties_of.all(session)
