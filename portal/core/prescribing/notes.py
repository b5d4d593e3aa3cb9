"""Parser of the doctor's form: from input to validated notes, and back to the form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from typing import Any

from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.base.typed import ICD10, clean, date_or_none
from portal.core.calls.modes import MODES
from portal.core.prescribing import attending, readings
from portal.core.prescribing.attending import Attending

KINDS = ("first", "follow_up")
TEXT_LIMITS = {
    "complaints": 4000,
    "history": 4000,
    "findings": 4000,
    "diagnosis": 500,
    "plain": 300,
    "investigations": 2000,
    "advice": 4000,
}
ROW_LIMITS = {
    "drug": 120,
    "form": 40,
    "strength": 60,
    "dose": 60,
    "frequency": 60,
    "instructions": 200,
    "reason": 120,
    "taken_since": 40,
    "purpose": 80,
}
ROW_NUMBERS = {"duration_days": 366, "quantity": 9999}
LONGEST_KEPT = 20_000
MAX_ROWS = 30
FURTHEST_FOLLOW_UP = timedelta(days=366)
FOLLOW_UP_DAYS = ("3", "7", "14", "28", "90", "180")
FOLLOW_UP_WITHIN = timedelta(days=183)  # six months: TPG 2020, domain.md 1.5


@dataclass(frozen=True)
class Item:
    """One row of the medicines, as typed. `place` is its number on the form, for errors.

    `directed`: to be taken as the doctor said, for the given `reason`; then not every part is required.
    `taken_since`: the patient takes it already, as the doctor saw on paper. `purpose`: in a patient's words.
    """

    place: int
    drug: str = ""
    form: str = ""
    strength: str = ""
    dose: str = ""
    frequency: str = ""
    duration_days: int | None = None
    quantity: int | None = None
    instructions: str = ""
    directed: bool = False
    reason: str = ""
    taken_since: str = ""
    purpose: str = ""


_PARTS = tuple(part.name for part in fields(Item) if part.name != "place")
_ROW = re.compile(rf"items-([0-9]{{1,3}})-({'|'.join(_PARTS)})")


@dataclass(frozen=True)
class Notes:
    """What the doctor wrote; every field may be empty. `mode` and `kind` None: unchanged.

    `plain`: the diagnosis in plain words. `unread` maps fields to input that could not be parsed: kept as typed.
    """

    complaints: str = ""
    history: str = ""
    findings: str = ""
    diagnosis: str = ""
    plain: str = ""
    investigations: str = ""
    advice: str = ""
    icd10: str = ""
    follow_up_on: date | None = None
    seen_in_person_on: date | None = None
    last_period_on: date | None = None
    vitals: Mapping[str, float] = field(default_factory=dict)
    items: tuple[Item, ...] = ()
    attending: Attending = field(default_factory=Attending)
    mode: str | None = None
    kind: str | None = None
    identity: bool = False
    age: bool = False
    unread: Mapping[str, str] = field(default_factory=dict)


def read(form: Mapping[str, str], *, today: date) -> Notes:
    """Parse a posted form, all of it: invalid input stays as typed, in `unread`.

    Raises Invalid for what no browser sends: an unknown choice, a field of more than 20,000 characters.
    """
    return _Reader(form, today).notes()


def problems(form: Mapping[str, str], *, today: date) -> dict[str, str]:
    """Return a sentence for every field of the form that is invalid."""
    reader = _Reader(form, today)
    reader.notes()
    return reader.problems


def stored(item: Item) -> dict[str, object]:
    """Serialise a medicine row for the draft: without its place."""
    return {name: getattr(item, name) for name in _PARTS}


def renumbered(notes: Notes) -> Notes:
    """Renumber the rows 0, 1, 2 …, as they are stored, without the empty ones between."""
    places = {item.place: number for number, item in enumerate(notes.items)}
    items = tuple(replace(item, place=places[item.place]) for item in notes.items)
    unread = {moved(name, places): text for name, text in notes.unread.items()}
    return replace(notes, items=items, unread=unread)


def as_form(notes: Notes) -> dict[str, str]:
    """Format the notes for the form, a text for each control."""
    apart = {"vitals", "items", "attending", "unread"}
    form = {part.name: getattr(notes, part.name) for part in fields(Notes) if part.name not in apart}
    form |= {f"vitals-{name}": f"{value:g}" for name, value in notes.vitals.items()}
    form |= notes.attending.as_form()
    for item in notes.items:
        form |= {f"items-{item.place}-{name}": value for name, value in stored(item).items()}
    return {name: _shown(value) for name, value in form.items()} | dict(notes.unread)


def row_numbers(form: Mapping[str, str], *, blank: int = 1) -> list[int]:
    """Return the rows to show: those that are not empty, then `blank` empty ones."""
    filled = _filled(form)
    following = max(filled, default=-1) + 1
    return [*filled, *range(following, following + blank)]


def moved(name: str, places: Mapping[int, int]) -> str:
    """Rename a row's field to its row's new place."""
    match = _ROW.fullmatch(name)
    return f"items-{places[int(match[1])]}-{match[2]}" if match else name


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else str(value)


class _Reader:
    """Parses a posted form field by field; `problems` and `unread` grow on the way."""

    def __init__(self, form: Mapping[str, str], today: date) -> None:
        self.form, self.today = form, today
        self.problems: dict[str, str] = {}
        self.unread: dict[str, str] = {}

    def notes(self) -> Notes:
        endless = [name for name, value in self.form.items() if len(value) > LONGEST_KEPT]
        if endless:
            raise Invalid(dict.fromkeys(endless, _("Write at most %(limit)s characters here.", limit=LONGEST_KEPT)))
        texts: dict[str, Any] = {name: self._text(name, limit) for name, limit in TEXT_LIMITS.items()}
        return Notes(
            **texts,
            icd10=self._icd10(),
            follow_up_on=self._follow_up(),
            seen_in_person_on=self._seen_in_person(),
            last_period_on=self._last_period(),
            vitals=self._vitals(),
            items=self._items(),
            attending=attending.read(self.form, self._text),
            mode=self._mode(),
            kind=self._choice("kind", KINDS),
            identity=self.form.get("identity") == "yes",
            age=self.form.get("age") == "yes",
            unread=self.unread,
        )

    def _typed(self, name: str) -> str:
        return clean(self.form.get(name, ""))

    def _leave(self, name: str, sentence: str) -> None:
        """Keep a field as typed, and say what is wrong with it."""
        self.problems[name], self.unread[name] = sentence, self._typed(name)

    def _text(self, name: str, limit: int) -> str:
        text = self._typed(name)
        if len(text) <= limit:
            return text
        self._leave(name, _("Write at most %(limit)s characters here.", limit=limit))
        return ""

    def _choice(self, name: str, allowed: tuple[str, ...]) -> str | None:
        value = self.form.get(name) or None
        if value is not None and value not in allowed:
            raise Invalid({name: _("Choose one of the list.")})
        return value

    def _mode(self) -> str | None:
        """Return None unless the doctor chose another mode than was shown: the call may have changed it since."""
        mode = self._choice("mode", MODES)
        return None if mode == self.form.get("mode_shown") else mode

    def _icd10(self) -> str:
        """Extract the code of "I10 High blood pressure", as the suggestions offer it."""
        code = self._typed("icd10").upper().partition(" ")[0]
        if not code or ICD10.fullmatch(code):
            return code
        self._leave("icd10", _("Give a code such as I10 or E11.9, or leave it empty."))
        return ""

    def _follow_up(self) -> date | None:
        """Return the day; while none is given, the one that a choice such as "in 2 weeks" comes to."""
        days = self.form.get("follow_up_in", "")
        if days in FOLLOW_UP_DAYS and not self._typed("follow_up_on"):
            return self.today + timedelta(days=int(days))
        return self._day(
            "follow_up_on",
            (self.today, self.today + FURTHEST_FOLLOW_UP),
            _("Give the day of the next consultation as day, month and year."),
            _("Give a day within the next twelve months."),
        )

    def _seen_in_person(self) -> date | None:
        return self._day(
            "seen_in_person_on",
            (self.today - FOLLOW_UP_WITHIN, self.today),
            _("Give the day on which you saw the patient as day, month and year."),
            _("Give a day within the last six months."),
        )

    def _last_period(self) -> date | None:
        wrong = _("Give the first day of the last period, within the last twelve months.")
        return self._day("last_period_on", (self.today - FURTHEST_FOLLOW_UP, self.today), wrong, wrong)

    def _day(self, name: str, between: tuple[date, date], unreadable: str, outside: str) -> date | None:
        text = self._typed(name)
        if not text:
            return None
        day = date_or_none(text)
        if day is not None and between[0] <= day <= between[1]:
            return day
        self._leave(name, unreadable if day is None else outside)
        return None

    def _vitals(self) -> dict[str, float]:
        texts = readings.pressure(self._typed("vitals-systolic"), self._typed("vitals-diastolic"))
        found: dict[str, float] = {}
        for name in readings.VITALS:
            text = texts.get(name, self._typed(f"vitals-{name}"))
            if not text:
                continue
            value, sentence = readings.vital(name, text)
            if value is None:
                self._leave(f"vitals-{name}", sentence)
            else:
                found[name] = value
        if {"systolic", "diastolic"} <= found.keys() and found["systolic"] <= found["diastolic"]:
            for name in ("systolic", "diastolic"):
                del found[name]
                if self._typed(f"vitals-{name}"):
                    self._leave(f"vitals-{name}", _("The upper value must be above the lower one. Please check both."))
        return found

    def _items(self) -> tuple[Item, ...]:
        numbers = _filled(self.form)
        if len(numbers) > MAX_ROWS:
            self.problems["items"] = _("At most %(limit)s medicines in one prescription.", limit=MAX_ROWS)
        return tuple(self._item(number) for number in numbers)

    def _item(self, number: int) -> Item:
        prefix = f"items-{number}-"
        values: dict[str, Any] = {name: self._text(prefix + name, limit) for name, limit in ROW_LIMITS.items()}
        values |= {name: self._count(prefix, name, high) for name, high in ROW_NUMBERS.items()}
        if not values["drug"]:
            self.problems.setdefault(prefix + "drug", _("Name the medicine, or empty this row."))
        return Item(number, **values, directed=self.form.get(prefix + "directed") == "yes")

    def _count(self, prefix: str, name: str, high: int) -> int | None:
        text = self._typed(prefix + name)
        if not text:
            return None
        value, sentence = readings.count(name, text, high)
        if value is None:
            self._leave(prefix + name, sentence)
        return value


def _filled(form: Mapping[str, str]) -> list[int]:
    """List the numbers of rows that are not empty, in order. A tick alone does not count."""
    rows = ((value, _ROW.fullmatch(name)) for name, value in form.items())
    return sorted({int(match[1]) for value, match in rows if match and match[2] != "directed" and value.strip()})
