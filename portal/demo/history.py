"""Four past weeks of the demonstration, so that reports have something to show; of people whom nobody signs in as.

Written as rows, many at a time, as the services would take a minute; the same each time for the same day.
"""

import random
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from portal.base.clock import at_ist, clinic_day
from portal.core.accounts.models import Account, Staff
from portal.core.beneficiaries.identity import make_patient_id
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import Centre, ClinicSession, Specialty
from portal.core.reports import days
from portal.core.visits.models import Visit
from portal.demo.register import demo_rows
from portal.demo.simulated import A_DAY, Told, simulate
from portal.store.db import write
from portal.store.prepared import insert

PEOPLE, WEEKS, FIRST_BEN_ID, FIRST_MOBILE, FIRST_NUMBER = 40, 4, 1900001, 9300000001, 900_001
TOKENS = {"medicine": 12, "orthopaedics": 7, "eye": 5, "ent": 4, "psychiatry": 3}


def fill(now: datetime) -> None:
    """Write the past weeks, unless there are visits already, and count them for the reports."""
    if Visit.select().exists():
        return
    with write():
        told = simulate(_sessions(clinic_day(now)), _people(now), random.Random(2026))  # noqa: S311 the same each time
        _store(told)
    days.rebuild(now)


def _people(now: datetime) -> list[Beneficiary]:
    centres = {row.code: row for row in Centre.select()}
    for number, row in enumerate(demo_rows(PEOPLE)):
        entry = RegisterEntry.create(
            ben_id=str(FIRST_BEN_ID + number),
            name=row.name,
            name_hi=row.name_hi,
            gender=row.gender,
            date_of_birth=row.date_of_birth,
            mobile=f"+91{FIRST_MOBILE + number}",
            centre=centres[f"{number % 9 + 1:02d}"],
        )
        account = Account.create(mobile=entry.mobile, language=("hi", "en")[number % 2], created_at=now)
        Beneficiary.create(
            entry=entry,
            account=account,
            patient_id=make_patient_id(FIRST_NUMBER + number, clinic_day(now)),
            address="New Delhi",
            language=account.language,
            registered_at=now,
        )
    return list(Beneficiary.select(Beneficiary, RegisterEntry).join(RegisterEntry))


def _sessions(today: date) -> list[tuple[ClinicSession, list[Staff], int]]:
    """Open the sessions of the past weeks: each with its doctors and how many come."""
    doctors: dict[int, list[Staff]] = {}
    for doctor in Staff.select().where(Staff.role == "doctor").order_by(Staff.username):
        doctors.setdefault(int(doctor.specialty_id or 0), []).append(doctor)
    past = (today - A_DAY * ago for ago in range(7 * WEEKS, 0, -1))
    listed = [(day, row) for day in past if day.isoweekday() < 7 for row in Specialty.select().order_by(Specialty.id)]
    return [(_session(day, row), doctors.get(row.id, []), TOKENS.get(row.code, 0)) for day, row in listed]


def _session(day: date, specialty: Specialty) -> ClinicSession:
    opens_at = at_ist(day, time(9))
    hours = {"opens_at": opens_at, "closes_at": opens_at + timedelta(hours=3), "closed_at": opens_at + A_DAY}
    quota, prefix = TOKENS.get(specialty.code, 0) + 20, specialty.token_prefix
    return ClinicSession.create(specialty=specialty, day=day, quota=quota, prefix=prefix, **hours)


def _store(told: Told) -> None:
    _insert(told.visits)
    ids = {visit.uid: visit.id for visit in Visit.select(Visit.id, Visit.uid)}
    for rows in (told.transitions, told.rooms, told.feedback):
        _insert((table, fields | {"visit": ids[fields["visit"]]}) for table, fields in rows)
    for rows in (told.events, told.requests, told.messages):
        _insert(rows)


def _insert(rows: Iterable[tuple[Any, dict[str, Any]]]) -> None:
    for table, fields in rows:
        insert(table(**fields))
