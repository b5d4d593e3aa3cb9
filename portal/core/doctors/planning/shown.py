"""What the pages of rosters show: names, patterns of now and later, hours, and forms before anything is typed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import peewee

from portal.base.language import in_language, weekdays
from portal.core.accounts.models import Staff
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.clinic.sessions import holidays_between, hours_by, is_open, is_usual_day, quota_by
from portal.core.doctors.planning import words
from portal.core.doctors.planning.fields import Form
from portal.core.doctors.planning.forms import Place
from portal.core.doctors.planning.months import last_of
from portal.core.rosters.book import AWAY, DATE, DAY, FIRST, LEAVE, SECOND, WEEK, WEEKDAY, WHOLE, Book, from_json
from portal.core.rosters.models import RosterChange
from portal.core.rosters.reading import book_of, doctors_of
from portal.core.visits.attendance import OFF
from portal.core.visits.models import Duty
from portal.settings.clinic import ClinicHours

SHOWN_DAYS = 21
SIGNS = {WHOLE: "●", FIRST: "◐", SECOND: "◑", AWAY: "–"}  # parts of a day where words have no room
HOLIDAY, WEEKEND, SHUT = "holiday", "weekend", "shut"


def names(specialty: Specialty) -> dict[int, str]:
    """Return the names of a specialty's doctors by id, also of those who left."""
    rows = Staff.select().where((Staff.role == "doctor") & (Staff.specialty == specialty))
    return {row.id: in_language(row) for row in rows}


def all_doctors() -> list[tuple[str, str]]:
    """Return (username, name) of every enabled doctor."""
    rows = Staff.select().where((Staff.role == "doctor") & Staff.disabled_at.is_null()).order_by(Staff.name)
    return [(row.username, in_language(row)) for row in rows]


def specialties() -> list[tuple[str, str]]:
    """Return (code, name) of the active specialties."""
    return [(row.code, in_language(row)) for row in Specialty.select().where(Specialty.active).order_by(Specialty.id)]


def common(specialty: Specialty) -> dict[str, Any]:
    """Return what every page of rosters needs."""
    return {
        "specialty": specialty,
        "specialties": specialties(),
        "parts": words.parts(),
        "weekdays": weekdays(),
    }


def doctors(specialty: Specialty) -> Any:
    """Select the doctors of a specialty by name."""
    return doctors_of(specialty).order_by(Staff.name, Staff.id)


def patterns(place: Place, doctors: Iterable[Staff], today: date) -> list[tuple[str, str, list[str], list[str]]]:
    """Return of each doctor: username, name, the seven letters of now, and in words what comes later."""
    return [
        (each.username, in_language(each), pattern(place, each.id, today), later(place, each.id, today))
        for each in doctors
    ]


def single_days(place: Place, called: Mapping[int, str]) -> list[tuple[str, str]]:
    """Return what differs from the week on days ahead, in words."""
    slots = sorted(slot for slot in place.book.facts if slot[0] in (DAY, DATE))
    return [(words.place_of(slot, called), words.written(slot, place.book.facts[slot])) for slot in slots]


def kind(row: RosterChange) -> str:
    """Return the word for what was changed."""
    return words.kinds()[row.kind]


def change(row: RosterChange, called: Mapping[int, str]) -> list[tuple[str, str, str]]:
    """Return what a change was, in words."""
    return words.before_and_after(from_json(row.before), from_json(row.after), called)


def days_ahead(doctor: Staff, place: Place, today: date) -> list[tuple[date, str]]:
    """Return the days ahead on which the specialty is open, each with the part of it for which a doctor is there."""
    days = (today + timedelta(days=step) for step in range(SHOWN_DAYS))
    return [(day, place.book.part(doctor.id, day)) for day in days if is_open(place.specialty, day)]


def who_is_there(place: Place, called: Mapping[int, str], today: date) -> list[tuple[date, list[tuple[str, str]]]]:
    """Return the open days ahead, each with the names of who is there and the part of the day."""
    days = (today + timedelta(days=step) for step in range(SHOWN_DAYS))
    there = ((day, place.book.there(day).items()) for day in days if is_open(place.specialty, day))
    return [(day, [(called[doctor], part) for doctor, part in parts]) for day, parts in there]


def pattern(place: Place, doctor: int, today: date) -> list[str]:
    """Return the seven letters that hold now; none without a pattern."""
    keys = [key for key in place.book.begun.get(doctor, ()) if key <= today.isoformat()]
    if not keys:
        return []
    values = place.book.facts[WEEK, doctor, keys[-1]] or {}
    is_over = values.get("ends") is not None and str(values["ends"]) < today.isoformat()
    return ["-"] * 7 if is_over else list(str(values["days"]))


def later(place: Place, doctor: int, today: date) -> list[str]:
    """Return in words what is written of a doctor's patterns beside that: those to come, and an end."""
    keys = place.book.begun.get(doctor, ())
    shown = [key for key in keys if key > today.isoformat()]
    lines = [(WEEK, doctor, key) for key in shown]
    return [f"{words.place_of(slot, {})[2:]}: {words.written(slot, place.book.facts[slot])}" for slot in lines]


def hours(place: Place, number: int) -> tuple[int, str]:
    """Return a weekday's number, and its hours and quota in words."""
    slot = (WEEKDAY, place.specialty.id, str(number))
    return number, words.written(slot, place.book.facts.get(slot))


def filled(kind: str, place: Place, asked: Form, today: date) -> dict[str, str]:
    """Return what a form shows before anything is typed."""
    asked = {name: asked[name] for name in ("doctor", "day", "other", "other_day") if name in asked}
    found = {"day": today.isoformat(), "begins": today.isoformat(), "open": "yes"} | asked
    if kind == "week":
        letters = pattern(place, place.doctors.get(asked.get("doctor", ""), 0), today) or list("d" * 7)
        found |= {f"day-{number}": letter for number, letter in enumerate(letters, 1)}
    if kind == "hours":
        for number in range(1, 8):
            values = place.book.facts.get((WEEKDAY, place.specialty.id, str(number))) or {"is_open": True}
            found |= {
                f"open-{number}": "yes" if values["is_open"] else "no",
                f"opens-{number}": str(values.get("opens_at") or ""),
                f"closes-{number}": str(values.get("closes_at") or ""),
                f"quota-{number}": str(values.get("quota") or ""),
            }
    return found


@dataclass(frozen=True)
class PlannedDay:
    """One day of the preview. `closed` says why there is no clinic, `name` the holiday or the reason."""

    day: date
    closed: str
    name: str
    opens_at: datetime
    closes_at: datetime
    quota: int
    there: tuple[tuple[int, str], ...]
    on_leave: tuple[int, ...]
    unplanned: tuple[int, ...]
    given: int

    @property
    def has_nobody(self) -> bool:
        """Is it open, with no doctor on the roster?"""
        return not self.closed and not self.there


def month(specialty: Specialty, first: date) -> list[PlannedDay]:
    """Return the days of the month that begins here."""
    last = last_of(first)
    book = book_of(specialty, first, last)
    holidays = holidays_between(first, last)
    mine = (ClinicSession.specialty == specialty) & ClinicSession.day.between(first, last)
    sessions = {row.day: row for row in ClinicSession.select().where(mine)}
    on_duty = _on_duty(mine)
    return [
        _planned(book, day, holidays.get(day), sessions.get(day), on_duty.get(day, []))
        for day in (first + timedelta(days=step) for step in range((last - first).days + 1))
    ]


def _planned(book: Book, day: date, holiday: object, session: ClinicSession | None, on_duty: list[int]) -> PlannedDay:
    rule, there = book.rule(day), book.there(day)
    times, is_usual = hours_by(rule, day), is_usual_day(day)
    is_kept = holiday is not None and not ClinicHours.in_force().demo_all_day
    closed = WEEKEND if not is_usual else HOLIDAY if is_kept else "" if rule.is_open else SHUT
    return PlannedDay(
        day,
        closed,
        in_language(holiday) if holiday else rule.reason,
        session.opens_at if session else times.opens_at,
        session.closes_at if session else times.closes_at,
        session.quota if session else quota_by(rule),
        tuple(there.items()),
        tuple(doctor for doctor in book.doctors if (LEAVE, doctor, day.isoformat()) in book.facts),
        tuple(doctor for doctor in on_duty if doctor not in there),
        session.last_number if session else 0,
    )


def _on_duty(sessions: peewee.Expression) -> dict[date, list[int]]:
    found: dict[date, list[int]] = {}
    for row in Duty.select(Duty, ClinicSession).join(ClinicSession).where(sessions & (Duty.state != OFF)):
        found.setdefault(row.session.day, []).append(row.doctor_id)
    return found
