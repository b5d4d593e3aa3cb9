"""Past visits of one person: what was prescribed and uploaded at each, and which medicines are taken now."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import peewee

from portal.base.clock import clinic_day
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.core.calls.helping import Helper, helpers_of
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.family import medicines
from portal.core.family.medicines import Taken
from portal.core.prescriptions.models import NEWEST, Prescription
from portal.core.privacy import doors
from portal.core.records.models import Record
from portal.core.visits.models import Visit
from portal.store.listing import Listed, page_of

SHOWN = 20
NOW_TAKEN_FROM = 10  # newest valid prescriptions that are asked


@dataclass(frozen=True)
class PastVisit:
    """A visit with its newest prescription, if its file is stored, its uploads, and who of a centre's desk sat with the
    patient in the call; closed: that it was.
    """

    visit: Visit
    is_closed: bool
    issued: Prescription | None
    records: list[Record]
    helpers: list[Helper]


@dataclass(frozen=True)
class NowTaken:
    """A medicine of a valid prescription that is not over yet, and the visit that it was prescribed at."""

    taken: Taken
    visit: Visit


def visits_of(person: Beneficiary, number: int, *, is_opened: bool) -> Listed:
    """Return a page of a person's visits, newest first, in three queries; `is_opened`: private ones too."""
    found = (
        Visit.select(Visit, ClinicSession, Specialty, Staff)
        .join(ClinicSession)
        .join(Specialty)
        .switch(Visit)
        .join(Staff, peewee.JOIN.LEFT_OUTER, on=Visit.doctor)
        .where(Visit.beneficiary == person)
        .order_by(ClinicSession.day.desc(), Visit.id.desc())
    )
    listed = page_of(found, number, SHOWN)
    return Listed(_lines(listed.rows, is_opened=is_opened), listed.number, listed.more)


def now_taken(person: Beneficiary, now: datetime, *, is_opened: bool) -> list[NowTaken]:
    """List what is taken on this day by the newest valid prescriptions, without those of closed visits."""
    valid = NEWEST & Prescription.cancelled_at.is_null() & (Prescription.valid_until >= clinic_day(now))
    rows = (
        Prescription.select(Prescription, Visit, ClinicSession, Specialty)
        .join(Visit)
        .join(ClinicSession)
        .join(Specialty)
        .where(valid & (Prescription.beneficiary == person))
    )
    lines: list[NowTaken] = []
    for issued in rows.order_by(Prescription.id.desc()).limit(NOW_TAKEN_FROM):
        if not _is_closed(issued.visit, is_opened=is_opened):
            found = medicines.composed(issued, now).medicines
            lines += [NowTaken(taken, issued.visit) for taken in found if taken.days_left != 0]
    return lines


def _lines(visits: list[Visit], *, is_opened: bool) -> list[PastVisit]:
    open_ones = [visit for visit in visits if not _is_closed(visit, is_opened=is_opened)]
    issued = {row.visit_id: row for row in Prescription.select().where(NEWEST & _of(Prescription, open_ones))}
    found = Record.select().where(_of(Record, open_ones)).order_by(Record.id)
    records = [record for record in found if record.is_familys]
    helpers = helpers_of(open_ones)
    return [
        PastVisit(
            visit,
            is_closed=visit not in open_ones,
            issued=issued.get(visit.id),
            records=[record for record in records if record.visit_id == visit.id],
            helpers=helpers.get(visit.id, []),
        )
        for visit in visits
    ]


def _of(model: type[Prescription] | type[Record], visits: Iterable[Visit]) -> peewee.Expression:
    ids: Collection[int] = [visit.id for visit in visits]
    return model.visit.in_(ids)


def _is_closed(visit: Visit, *, is_opened: bool) -> bool:
    return doors.is_private(visit) and not is_opened
