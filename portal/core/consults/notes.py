"""The doctor's form: from what was typed to checked notes, and back to what the form shows."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, timedelta
from typing import Any

from portal.core.consults.models import Consult
from portal.core.errors import Invalid
from portal.core.language import gettext as _

VIDEO_MODES = ("video", "audio")
MODES = (*VIDEO_MODES, "phone", "text")
KINDS = ("first", "follow_up")
TEXT_LIMITS = {
    "complaints": 4000, "history": 4000, "findings": 4000, "diagnosis": 500, "investigations": 2000, "advice": 4000,
}  # fmt: skip
ROW_LIMITS = {"drug": 120, "form": 40, "strength": 60, "dose": 60, "frequency": 60, "instructions": 200}
ROW_NUMBERS = {"duration_days": 366, "quantity": 9999}
ROW_FIELDS = ("drug", "form", "strength", "dose", "frequency", "duration_days", "quantity", "instructions")
# What a living person can have; temperature may be typed in Fahrenheit and is kept in Celsius.
VITALS = {
    "systolic": (40, 300), "diastolic": (20, 200), "pulse": (20, 300), "spo2": (30, 100),
    "temperature": (25, 45), "weight": (0.3, 400), "height": (20, 260), "glucose": (5, 1500),
}  # fmt: skip
FAHRENHEIT_FROM = 77
MAX_ROWS = 30
FURTHEST_FOLLOW_UP = timedelta(days=366)

_ICD10 = re.compile(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?")
_ROW = re.compile(rf"items-([0-9]{{1,3}})-({'|'.join(ROW_FIELDS)})")
_NUMBER = re.compile(r"[0-9]{1,4}(\.[0-9]{1,2})?")


@dataclass(frozen=True)
class Item:
    """One row of the medicines, as typed. `place` is its number on the form, for errors."""

    place: int
    drug: str = ""
    form: str = ""
    strength: str = ""
    dose: str = ""
    frequency: str = ""
    duration_days: int | None = None
    quantity: int | None = None
    instructions: str = ""


@dataclass(frozen=True)
class Notes:
    """What the doctor wrote; every field may still be empty. `mode` and `kind` None: as they were."""

    complaints: str = ""
    history: str = ""
    findings: str = ""
    diagnosis: str = ""
    investigations: str = ""
    advice: str = ""
    icd10: str = ""
    follow_up_on: date | None = None
    vitals: Mapping[str, float] = field(default_factory=dict)
    items: tuple[Item, ...] = ()
    mode: str | None = None
    kind: str | None = None
    identity: bool = False
    age: bool = False


def read(form: Mapping[str, str], *, today: date) -> Notes:
    """The notes of a posted form. Raises Invalid with every wrong field."""
    problems: dict[str, str] = {}
    texts: dict[str, Any] = {name: _text(form, name, limit, problems) for name, limit in TEXT_LIMITS.items()}
    notes = Notes(
        **texts,
        icd10=_icd10(form, problems),
        follow_up_on=_follow_up(form, today, problems),
        vitals=_vitals(form, problems),
        items=_items(form, problems),
        mode=_mode(form, problems),
        kind=_choice(form, "kind", KINDS, problems),
        identity=form.get("identity") == "yes",
        age=form.get("age") == "yes",
    )
    if problems:
        raise Invalid(problems)
    return notes


def of(consult: Consult) -> Notes:
    """The notes as they are stored."""
    same = (*TEXT_LIMITS, "icd10", "follow_up_on", "vitals", "mode", "kind")
    values: dict[str, Any] = {name: getattr(consult, name) for name in same}
    return Notes(
        **values,
        items=tuple(Item(place, **row) for place, row in enumerate(consult.items)),
        identity=consult.identity_confirmed_at is not None,
        age=consult.age_confirmed_at is not None,
    )


def stored(item: Item) -> dict[str, object]:
    """A medicine row as the draft keeps it: without its place."""
    return {name: value for name, value in asdict(item).items() if name != "place"}


def as_form(notes: Notes) -> dict[str, str]:
    """The notes as the form shows them, a text for each control."""
    form = {part.name: getattr(notes, part.name) for part in fields(Notes) if part.name not in {"vitals", "items"}}
    form |= {f"vitals-{name}": f"{value:g}" for name, value in notes.vitals.items()}
    for item in notes.items:
        form |= {f"items-{item.place}-{name}": value for name, value in stored(item).items()}
    return {name: _shown(value) for name, value in form.items()}


def row_numbers(form: Mapping[str, str], *, blank: int = 1) -> list[int]:
    """The rows to show: those of the form that are not empty, then `blank` empty ones."""
    filled = _filled(form)
    following = max(filled, default=-1) + 1
    return [*filled, *range(following, following + blank)]


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else str(value)


def clean(text: str) -> str:
    """Typed text without control characters (a NUL cannot be stored) and outer blanks; lines stay lines."""
    plain = text.replace("\r\n", "\n").replace("\t", " ").strip()
    return "".join(character for character in plain if character == "\n" or unicodedata.category(character) != "Cc")


def _text(form: Mapping[str, str], name: str, limit: int, problems: dict[str, str]) -> str:
    text = clean(form.get(name, ""))
    if len(text) > limit:
        problems[name] = _("Write at most %(limit)s characters here.", limit=limit)
    return text


def _choice(form: Mapping[str, str], name: str, allowed: tuple[str, ...], problems: dict[str, str]) -> str | None:
    value = form.get(name)
    if value is not None and value not in allowed:
        problems[name] = _("Choose one of the list.")
    return value


def _mode(form: Mapping[str, str], problems: dict[str, str]) -> str | None:
    """None unless the doctor chose another than the page had shown: meanwhile the call itself may have changed it."""
    mode = _choice(form, "mode", MODES, problems)
    return None if mode == form.get("mode_shown") else mode


def _icd10(form: Mapping[str, str], problems: dict[str, str]) -> str:
    """Only the code of "I10 High blood pressure", as the list of suggestions offers it."""
    code = clean(form.get("icd10", "")).upper().partition(" ")[0]
    if code and not _ICD10.fullmatch(code):
        problems["icd10"] = _("Give a code such as I10 or E11.9, or leave it empty.")
    return code


def _follow_up(form: Mapping[str, str], today: date, problems: dict[str, str]) -> date | None:
    text = form.get("follow_up_on", "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        problems["follow_up_on"] = _("Give the day of the next consultation as day, month and year.")
        return None
    if not today <= day <= today + FURTHEST_FOLLOW_UP:
        problems["follow_up_on"] = _("Give a day within the next twelve months.")
    return day


def _vitals(form: Mapping[str, str], problems: dict[str, str]) -> dict[str, float]:
    found = {}
    for name, (low, high) in VITALS.items():
        text = form.get(f"vitals-{name}", "").strip()
        if not text:
            continue
        value = float(text) if _NUMBER.fullmatch(text) else -1.0
        if name == "temperature" and value >= FAHRENHEIT_FROM:
            value = round((value - 32) / 1.8, 1)
        if not low <= value <= high:
            problems[f"vitals-{name}"] = _("Give a number that a patient can have, or leave it empty.")
        found[name] = value
    return found


def _items(form: Mapping[str, str], problems: dict[str, str]) -> tuple[Item, ...]:
    numbers = _filled(form)
    if len(numbers) > MAX_ROWS:
        problems["items"] = _("At most %(limit)s medicines in one prescription.", limit=MAX_ROWS)
        return ()
    return tuple(_item(form, number, problems) for number in numbers)


def _item(form: Mapping[str, str], number: int, problems: dict[str, str]) -> Item:
    prefix = f"items-{number}-"
    values: dict[str, Any] = {name: _text(form, prefix + name, limit, problems) for name, limit in ROW_LIMITS.items()}
    values |= {name: _count(form, prefix + name, high, problems) for name, high in ROW_NUMBERS.items()}
    if not values["drug"]:
        problems.setdefault(prefix + "drug", _("Name the medicine, or empty this row."))
    return Item(number, **values)


def _count(form: Mapping[str, str], name: str, high: int, problems: dict[str, str]) -> int | None:
    text = form.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= high):
        problems[name] = _("Give a whole number from 1 to %(high)s.", high=high)
        return None
    return int(text)


def _filled(form: Mapping[str, str]) -> list[int]:
    """Numbers of the rows in which anything stands, in order."""
    found = {int(match[1]) for name, value in form.items() if value.strip() and (match := _ROW.fullmatch(name))}
    return sorted(found)
