"""Who is on the roster, from the database, for token requests, transfers and leave; and a specialty's whole book."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import peewee

from portal.base.clock import clinic_day
from portal.base.language import gettext as _
from portal.base.language import show_date
from portal.core.accounts.models import Staff
from portal.core.clinic.day_rules import values_of
from portal.core.clinic.models import ClinicSession, Specialty, SpecialtyHours
from portal.core.clinic.sessions import LOOK_AHEAD_DAYS, closed_sentence, hours_by, is_open
from portal.core.rosters.book import DATE, DAY, FIRST, LEAVE, SECOND, WEEK, WEEKDAY, Book, Slot, Values, overlap
from portal.core.rosters.models import DoctorDay, DoctorWeek, Leave
from portal.store.prepared import Prepared

LEFT = peewee.JOIN.LEFT_OUTER


def doctors_of(specialty: Specialty) -> peewee.Select:
    """Select the enabled doctors of a specialty."""
    return Staff.select().where(_is_doctor(specialty))


def _is_doctor(specialty: object) -> peewee.Expression:
    return (Staff.role == "doctor") & Staff.disabled_at.is_null() & (Staff.specialty == specialty)


def _written(day: object) -> peewee.Select:
    """Select what is written of each doctor for a day: a row for each pattern that has begun, one at least."""
    columns = (
        Staff.id,
        Staff.specialty,
        Leave.id.alias("leave"),
        DoctorDay.part.alias("part"),
        DoctorWeek.begins.alias("begins"),
        DoctorWeek.ends.alias("ends"),
        DoctorWeek.days.alias("days"),
    )
    rows = (
        Staff.select(*columns)
        .join(Leave, LEFT, on=((Leave.doctor == Staff.id) & (Leave.day == day)))
        .switch(Staff)
        .join(DoctorDay, LEFT, on=((DoctorDay.doctor == Staff.id) & (DoctorDay.day == day)))
        .switch(Staff)
        .join(DoctorWeek, LEFT, on=((DoctorWeek.doctor == Staff.id) & (DoctorWeek.begins <= day)))
    )
    return rows.where((Staff.role == "doctor") & Staff.disabled_at.is_null()).dicts()


@Prepared
def _of_day(day: object, specialty: object) -> peewee.Select:
    return _written(day).where(Staff.specialty == specialty)


@Prepared
def _of_whole_day(day: object) -> peewee.Select:
    return _written(day).order_by(Staff.id)


@Prepared
def _sessions(day: object) -> peewee.Select:
    return ClinicSession.select().where(ClinicSession.day == day)


def day_of(specialty: Specialty, day: date) -> Book:
    """Load the doctors of one day, in one query; without the specialty's hours."""
    return _book(specialty.id, _of_day.all(day, specialty), day)


def _book(specialty: int, rows: Iterable[Any], day: date) -> Book:
    doctors: dict[int, None] = {}
    facts: dict[Slot, Values] = {}
    for row in rows:
        doctor = row["id"]
        doctors[doctor] = None
        if row["leave"] is not None:
            facts[LEAVE, doctor, day.isoformat()] = {}
        if row["part"] is not None:
            facts[DAY, doctor, day.isoformat()] = {"part": row["part"]}
        if row["begins"] is not None:
            facts[WEEK, doctor, str(row["begins"])] = {"ends": _text(row["ends"]), "days": row["days"]}
    return Book(specialty, tuple(doctors), facts)


def all_away(specialty: Specialty, day: date, now: datetime | None = None) -> bool:
    """Is no doctor of a specialty there on this day, or no longer at `now`? False for a specialty without doctors."""
    return _all_away(day_of(specialty, day), specialty, day, now)


def _all_away(book: Book, specialty: Specialty, day: date, now: datetime | None) -> bool:
    parts = book.there(day).values()
    if not book.doctors or not parts:
        return bool(book.doctors)
    return now is not None and set(parts) == {FIRST} and now >= middle(specialty, day)


def expected(session: ClinicSession, now: datetime) -> int:
    """Count the doctors on the roster for the half of the session's day that `now` is in; before it, the first."""
    half = FIRST if now < _middle(session.opens_at, session.closes_at) else SECOND
    parts = day_of(session.specialty, session.day).there(session.day).values()
    return sum(overlap(part, half) for part in parts)


def nobody_there(specialty: Specialty, day: date) -> str:
    """Return the sentence that no doctor is there on a day, and when the next one is."""
    following = next_day_held(specialty, day)
    if following is None:
        return _("No doctor of this specialty is there today, or on the days ahead. Please call the helpline.")
    return _(
        "No doctor of this specialty is there today. The next day with a doctor is %(day)s.", day=show_date(following)
    )


def why_no_token(
    offered: Iterable[Specialty], now: datetime, present: Callable[[ClinicSession], object]
) -> dict[str, str]:
    """Map each specialty's code to why it gives no token today, and when it does next; "" where it gives one.

    `present`: who is on duty in a session; a doctor who came all the same gives tokens. Sessions and doctors of all
    are read by one query each, as everybody opens the form at nine.
    """
    day = clinic_day(now)
    sessions = {row.specialty_id: row for row in _sessions.all(day)}
    written: dict[int, list[Any]] = {}
    for row in _of_whole_day.all(day):
        written.setdefault(row["specialty"], []).append(row)
    found: dict[str, str] = {}
    for each in offered:
        book = _book(each.id, written.get(each.id, ()), day)
        found[each.code] = _why_no_token(each, sessions.get(each.id), book, now, present)
    return found


def _why_no_token(
    specialty: Specialty,
    session: ClinicSession | None,
    book: Book,
    now: datetime,
    present: Callable[[ClinicSession], object],
) -> str:
    day = clinic_day(now)
    if session is None and not is_open(specialty, day):
        return closed_sentence(now, specialty)
    if session is not None:
        session.specialty = specialty
        if session.closed_at is not None or now >= session.closes_at:
            return closed_sentence(now, specialty)
    is_left = _all_away(book, specialty, day, now) and not (session and present(session))
    return nobody_there(specialty, day) if is_left else ""


def middle(specialty: Specialty, day: date) -> datetime:
    """Return the moment at which the first half of a specialty's day ends and the second begins."""
    from_rule = hours_by(book_of(specialty, day, day).rule(day), day)
    return _middle(from_rule.opens_at, from_rule.closes_at)


def _middle(opens_at: datetime, closes_at: datetime) -> datetime:
    return opens_at + (closes_at - opens_at) / 2


def part_today(doctor: Staff, specialty: Specialty, now: datetime) -> str:
    """Return the letter of the part of today for which a doctor is on the roster."""
    return day_of(specialty, clinic_day(now)).part(doctor.id, clinic_day(now))


def next_day_held(specialty: Specialty, after: date) -> date | None:
    """Return the next day on which the specialty is open and has a doctor, within LOOK_AHEAD_DAYS."""
    days = (after + timedelta(days=step) for step in range(1, LOOK_AHEAD_DAYS + 1))
    return next((day for day in days if is_open(specialty, day) and not all_away(specialty, day)), None)


def book_of(specialty: Specialty, first: date, last: date) -> Book:
    """Load all that is written of a specialty for these days."""
    doctors = tuple(row.id for row in doctors_of(specialty).select(Staff.id).order_by(Staff.name, Staff.id))
    return Book(specialty.id, doctors, dict(_facts(specialty, doctors, first, last)))


def _facts(
    specialty: Specialty, doctors: tuple[int, ...], first: date, last: date
) -> Iterator[tuple[Slot, dict[str, object]]]:
    begun = DoctorWeek.doctor.in_(doctors) & (DoctorWeek.begins <= last)
    for week in DoctorWeek.select().where(begun):
        yield (WEEK, week.doctor_id, str(week.begins)), {"ends": _text(week.ends), "days": week.days}
    dated = DoctorDay.doctor.in_(doctors) & DoctorDay.day.between(first, last)
    for own in DoctorDay.select().where(dated):
        yield (DAY, own.doctor_id, str(own.day)), {"part": own.part, "reason": own.reason}
    for leave in Leave.select().where(Leave.doctor.in_(doctors) & Leave.day.between(first, last)):
        yield (LEAVE, leave.doctor_id, str(leave.day)), {"reason": leave.reason}
    held = SpecialtyHours.day.is_null() | SpecialtyHours.day.between(first, last)
    for row in SpecialtyHours.select().where((SpecialtyHours.specialty == specialty) & held):
        slot = (DATE, specialty.id, str(row.day)) if row.day else (WEEKDAY, specialty.id, str(row.weekday))
        yield slot, values_of(row)


def _text(day: object) -> str | None:
    return str(day) if day else None
