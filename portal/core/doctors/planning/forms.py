"""The forms of rosters, read into facts. Each raises Invalid with every wrong field."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from portal.base import typed
from portal.base.errors import Invalid, NotFound
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.clinic.models import Specialty
from portal.core.clinic.sessions import LOOK_AHEAD_DAYS, is_open
from portal.core.doctors.planning import fields
from portal.core.doctors.planning.deeds import FARTHEST
from portal.core.doctors.planning.fields import Form, Problems
from portal.core.rosters.book import (
    AWAY,
    DATE,
    DAY,
    FIRST,
    LEAVE,
    PARTS,
    SECOND,
    WEEK,
    WEEKDAY,
    Book,
    Facts,
    Slot,
    Values,
    overlap,
    without,
)
from portal.core.rosters.reading import book_of, doctors_of

Reader = Callable[[Form, "Place", date], Facts]
AS_PATTERN = ""


@dataclass(frozen=True)
class Place:
    """Whose roster a form is about: the specialty, its book, and the ids of its doctors by username."""

    specialty: Specialty
    book: Book
    doctors: Mapping[str, int]

    @property
    def version(self) -> str:
        """The version of all that is written here."""
        return hashlib.sha256(repr(sorted(self.book.facts.items())).encode()).hexdigest()[:16]


def place_of(specialty: Specialty, today: date) -> Place:
    """Load what a form of this specialty is read with."""
    doctors = {row.username: row.id for row in doctors_of(specialty).order_by(Staff.name, Staff.id)}
    return Place(specialty, book_of(specialty, today, today + FARTHEST), doctors)


def read_week(form: Form, place: Place, today: date) -> Facts:
    """Read a doctor's weekly pattern."""
    problems: Problems = {}
    doctor = _doctor(form, "doctor", place, problems)
    begins = fields.day(form, "begins", today, problems)
    ends = fields.day(form, "ends", today, problems) if form.get("ends", "").strip() else None
    if begins and ends and ends < begins:
        problems["ends"] = _("The last day comes before the first.")
    letters = [form.get(f"day-{number}", "") for number in range(1, 8)]
    problems |= {f"day-{number}": fields.choose() for number, letter in enumerate(letters, 1) if letter not in PARTS}
    if problems or begins is None:
        raise Invalid(problems)
    values = {"ends": ends.isoformat() if ends else None, "days": "".join(letters)}
    return {(WEEK, doctor, begins.isoformat()): values}


def read_day(form: Form, place: Place, today: date) -> Facts:
    """Read what differs on one day of a doctor: half a day, an extra day, or the pattern again."""
    problems: Problems = {}
    doctor, day = _doctor(form, "doctor", place, problems), fields.day(form, "day", today, problems)
    part = form.get("part", "")
    if part not in (*PARTS, AS_PATTERN):
        problems["part"] = fields.choose()
    if problems or day is None:
        raise Invalid(problems)
    if part not in (AWAY, AS_PATTERN) and (LEAVE, doctor, day.isoformat()) in place.book.facts:
        raise Invalid({"day": _("This doctor is on leave on that day. End the leave first.")})
    values = {"part": part, "reason": fields.reason(form)} if part != AS_PATTERN else None
    return {(DAY, doctor, day.isoformat()): values}


def read_swap(form: Form, place: Place, today: date) -> Facts:
    """Read a swap of two doctors."""
    problems: Problems = {}
    one, other = _doctor(form, "doctor", place, problems), _doctor(form, "other", place, problems)
    on, other_on = fields.day(form, "day", today, problems), fields.day(form, "other_day", today, problems)
    if one and one == other:
        problems["other"] = _("Choose two doctors.")
    if problems or on is None or other_on is None:
        raise Invalid(problems)
    book = place.book
    for name, who, day in (("day", one, on), ("other_day", other, other_on)):
        if book.part(who, day) == AWAY:
            problems[name] = _("This doctor is not on the roster on that day, so there is nothing to give.")
    if not problems and on != other_on:
        problems |= _taken_twice(book, (one, on), (other, other_on))
    if problems:
        raise Invalid(problems)
    return book.swapped(one, on, other, other_on)


def _taken_twice(book: Book, one: tuple[int, date], other: tuple[int, date]) -> Problems:
    problems: Problems = {}
    for name, (giver, day), taker in (("day", one, other[0]), ("other_day", other, one[0])):
        if (LEAVE, taker, day.isoformat()) in book.facts:
            problems[name] = _("The other doctor is on leave on that day.")
        elif overlap(book.part(giver, day), book.part(taker, day)):
            problems[name] = _("The other doctor is on the roster at that time already.")
    return problems


def read_leave(form: Form, place: Place, today: date) -> Facts:
    """Read leave of one day or from one to another, for halves of days too: of a range those that are open."""
    problems: Problems = {}
    doctor, first = _doctor(form, "doctor", place, problems), fields.day(form, "day", today, problems, LOOK_AHEAD_DAYS)
    last = fields.day(form, "until", today, problems, LOOK_AHEAD_DAYS) if form.get("until", "").strip() else first
    if first and last and last < first:
        problems["until"] = _("The last day comes before the first.")
    if problems or first is None or last is None:
        raise Invalid(problems)
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    chosen = [day for day in days if day == first == last or is_open(place.specialty, day)]
    free = [day for day in chosen if (LEAVE, doctor, day.isoformat()) not in place.book.facts]
    half = form.get("half", "")
    facts: dict[Slot, Values] = {(LEAVE, doctor, day.isoformat()): {"reason": fields.reason(form)} for day in free}
    if half in (FIRST, SECOND):
        parts = {day: without(place.book.part(doctor, day), half) for day in free}
        facts = {
            (DAY, doctor, day.isoformat()): {"part": part, "reason": fields.reason(form)} for day, part in parts.items()
        }
    if not facts:
        raise Invalid({"day": _("This doctor is marked as away on that day already.")})
    return facts


def read_end(form: Form, place: Place, doctor: int) -> Facts:
    """Read of which day a leave or a half day ends. Raises NotFound when there is none.

    A whole day of its own is a swap or an extra day: a colleague counts on it, and the administrator ends it.
    """
    day = typed.date_or_none(form.get("day", ""))
    slots = [(kind, doctor, day.isoformat()) for kind in (LEAVE, DAY)] if day else []
    found = {slot: place.book.facts.get(slot) for slot in slots}
    facts: dict[Slot, Values] = {
        slot: None
        for slot, values in found.items()
        if values is not None and (slot[0] == LEAVE or values["part"] in (FIRST, SECOND))
    }
    if not facts:
        raise NotFound
    return facts


def read_hours(form: Form, place: Place, today: date) -> Facts:
    """Read a specialty's hours and quota of each weekday."""
    problems: Problems = {}
    facts = {}
    for number in range(1, 8):
        values = dict(fields.hours(form, f"-{number}", problems))
        is_usual = values["is_open"] and not any(values[name] for name in ("opens_at", "closes_at", "quota"))
        facts[WEEKDAY, place.specialty.id, str(number)] = None if is_usual else values
    if problems:
        raise Invalid(problems)
    return facts


def read_date(form: Form, place: Place, today: date) -> Facts:
    """Read a specialty's own hours and quota of one day, or that it is closed, or as on its weekday."""
    problems: Problems = {}
    day = fields.day(form, "day", today, problems)
    values = dict(fields.hours(form, "", problems)) if form.get("open", "") != AS_PATTERN else None
    if problems or day is None:
        raise Invalid(problems)
    return {(DATE, place.specialty.id, day.isoformat()): values}


READERS: dict[str, Reader] = {
    "week": read_week,
    "day": read_day,
    "swap": read_swap,
    "hours": read_hours,
    "date": read_date,
    "leave": read_leave,
}


def _doctor(form: Form, name: str, place: Place, problems: Problems) -> int:
    """Return the doctor's id; 0 with a problem."""
    found = place.doctors.get(form.get(name, ""), 0)
    if not found:
        problems[name] = fields.choose()
    return found
