"""Which doctors there are on a day, and the next day on which a specialty is held."""

from datetime import date, timedelta

import peewee

from portal.core.accounts.models import Staff
from portal.core.clinic.sessions import LOOK_AHEAD_DAYS, is_working_day
from portal.core.clinic.specialties import Specialty
from portal.core.visits.models import Leave
from portal.store.prepared import Prepared


def doctors_of(specialty: Specialty) -> peewee.Select:
    """The doctors of a specialty who can sign in."""
    return Staff.select().where(_is_doctor(specialty))


def _is_doctor(specialty: object) -> peewee.Expression:
    return (Staff.role == "doctor") & Staff.disabled_at.is_null() & (Staff.specialty == specialty)


@Prepared
def _attendance(day: object, specialty: object) -> peewee.Select:
    """Doctors of a specialty, and how many of them are away on a day."""
    leaves = Leave.select(Leave.doctor).where(Leave.day == day)
    counts = peewee.fn.COUNT(Staff.id), peewee.fn.COUNT(Staff.id).filter(Staff.id.in_(leaves))
    return Staff.select(*counts).where(_is_doctor(specialty)).tuples()


def all_away(specialty: Specialty, day: date) -> bool:
    """Has every doctor of a specialty taken leave on this day? A specialty without doctors has nobody to miss."""
    doctors, away = _attendance.first(day, specialty)
    return bool(0 < doctors == away)


def next_day_held(specialty: Specialty, after: date) -> date | None:
    """The first working day after a day on which a doctor of the specialty is there, looking two months ahead."""
    days = (after + timedelta(days=step) for step in range(1, LOOK_AHEAD_DAYS + 1))
    return next((day for day in days if is_working_day(day) and not all_away(specialty, day)), None)
