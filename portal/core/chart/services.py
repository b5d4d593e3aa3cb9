"""Reading and changing a person's chart."""

from datetime import date, datetime

import peewee

from portal.base.clock import clinic_day
from portal.base.errors import Conflict, NotFound
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.core.chart import sources
from portal.core.chart.facts import Allergy, Known, Medicine, Problem
from portal.core.chart.forms import Typed
from portal.core.chart.models import ACTIVE, ALLERGY, MEDICINE, NONE_KNOWN, PROBLEM, RESOLVED, STOPPED, ChartEntry
from portal.core.visits import states
from portal.core.visits.models import Visit
from portal.store.db import one_at_a_time, write
from portal.store.prepared import Prepared
from portal.store.versions import require_same, version_of
from portal.work import audit
from portal.work.audit import Actor


def known(person: Beneficiary, *, on: date) -> Known:
    """Return allergies and present medicines on a day: prescribed here, and told by the patient."""
    entries = entries_of(person)
    asked = [clinic_day(entry.noted_at) for entry in entries if entry.kind == NONE_KNOWN]
    return Known(
        allergies=tuple(_allergy(entry) for entry in entries if entry.kind == ALLERGY),
        medicines=(*_prescribed(person, on), *(_told(entry) for entry in entries if entry.kind == MEDICINE)),
        none_known_on=max(asked, default=None),
    )


def problems_of(person: Beneficiary) -> tuple[Problem, ...]:
    """List the problems that go on."""
    found = (entry for entry in entries_of(person) if entry.kind == PROBLEM)
    return tuple(Problem(entry.name, entry.grade, entry.since, entry.uid) for entry in found)


def entries_of(person: Beneficiary) -> list[ChartEntry]:
    """List what is active, in the order it was entered."""
    return _in_state.all(person.id, ACTIVE)


@Prepared
def _in_state(person: object, state: object) -> peewee.Select:
    mine = (ChartEntry.beneficiary == person) & (ChartEntry.state == state)
    return ChartEntry.select().where(mine).order_by(ChartEntry.id)


def version_seen(person: Beneficiary) -> str:
    """Return the version of the active entries, for optimistic locking."""
    return version_of(_mark(person))


def visit_with(doctor: Staff, person_uid: str) -> Visit:
    """Get the visit in which this doctor has the person now. Raises NotFound for anybody else's, and afterwards."""
    now_with = (Visit.doctor == doctor) & Visit.state.in_(states.ACTIVE)
    found: Visit | None = Visit.select().join(Beneficiary).where(now_with & (Beneficiary.uid == person_uid)).first()
    if found is None:
        raise NotFound
    return found


def add_entry(person: Beneficiary, typed: Typed, *, by_staff: Staff, by: Actor, now: datetime) -> ChartEntry:
    """Enter something; what is active under the same name stays as it is. A first allergy ends "none known".

    Raises Conflict for "none known" beside an allergy.
    """
    with write():
        one_at_a_time(f"chart {person.uid}")
        active = [entry for entry in entries_of(person) if entry.kind in {typed.kind, _opposite(typed.kind)}]
        if typed.kind == NONE_KNOWN and any(entry.kind == ALLERGY for entry in active):
            raise Conflict(_("An allergy is on record. Mark it as entered in error first."))
        name = typed.name.casefold()
        same = next((each for each in active if each.kind == typed.kind and each.name.casefold() == name), None)
        if same is not None and typed.kind != NONE_KNOWN:
            return same
        _end([entry for entry in active if entry.kind == NONE_KNOWN], RESOLVED, by_staff, now)
        return _enter(person, typed, by_staff, by, now)


def end_entry(
    person: Beneficiary, uid: str, state: str, *, seen: str, by_staff: Staff, by: Actor, now: datetime
) -> None:
    """End an entry as resolved, stopped or entered in error. Raises Conflict when the chart has changed since `seen`,
    NotFound for another person's.
    """
    with write():
        require_same(f"chart {person.uid}", seen, lambda: _mark(person))
        entry = ChartEntry.get_or_none((ChartEntry.uid == uid) & (ChartEntry.beneficiary == person))
        if entry is None:
            raise NotFound
        if not _end([entry], state, by_staff, now):
            raise Conflict(_("This has changed in the meantime. The page now shows the present state."))
        audit.note("ChartEntryEnded", person.uid, by=by, now=now, entry=uid, kind=entry.kind, state=state)


def stop_medicine(person: Beneficiary, name: str, *, by_staff: Staff, by: Actor, now: datetime) -> None:
    """Note that a prescribed medicine is no longer taken: the chart leaves it out until it is prescribed again."""
    with write():
        entry = _enter(person, Typed(MEDICINE, name), by_staff, by, now)
        _end([entry], STOPPED, by_staff, now)


def _enter(person: Beneficiary, typed: Typed, by_staff: Staff, by: Actor, now: datetime) -> ChartEntry:
    made: ChartEntry = ChartEntry.create(beneficiary=person, noted_at=now, noted_by=by_staff, **vars(typed))
    audit.note("ChartEntryAdded", person.uid, by=by, now=now, entry=made.uid, kind=typed.kind)
    return made


def _end(entries: list[ChartEntry], state: str, by_staff: Staff, now: datetime) -> int:
    still = ChartEntry.id.in_([entry.id for entry in entries]) & (ChartEntry.state == ACTIVE)
    return int(ChartEntry.update(state=state, ended_at=now, ended_by=by_staff).where(still).execute())


def _prescribed(person: Beneficiary, on: date) -> list[Medicine]:
    found = (medicine for source in sources.prescribed_by for medicine in source(person, on))
    stopped = _stopped(person)
    return [each for each in found if not _is_stopped(each, stopped)]


def _stopped(person: Beneficiary) -> dict[str, date]:
    """Map each medicine that was stopped to the day of it."""
    stopped = [row for row in _in_state.all(person.id, STOPPED) if row.kind == MEDICINE]
    return {row.name.casefold(): clinic_day(row.ended_at) for row in stopped}


def _is_stopped(medicine: Medicine, stopped: dict[str, date]) -> bool:
    day = stopped.get(medicine.name.casefold())
    return day is not None and (medicine.noted_on is None or medicine.noted_on <= day)


def _allergy(entry: ChartEntry) -> Allergy:
    return Allergy(entry.name, entry.detail, entry.grade, clinic_day(entry.noted_at), entry.uid)


def _told(entry: ChartEntry) -> Medicine:
    return Medicine(
        entry.name,
        how=entry.detail,
        since=entry.since,
        told_by=entry.grade,
        noted_on=clinic_day(entry.noted_at),
        uid=entry.uid,
    )


def _mark(person: Beneficiary) -> dict[str, str]:
    return {entry.uid: entry.state for entry in entries_of(person)}


def _opposite(kind: str) -> str:
    return {ALLERGY: NONE_KNOWN, NONE_KNOWN: ALLERGY}.get(kind, kind)
