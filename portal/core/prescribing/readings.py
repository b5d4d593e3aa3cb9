"""Parser of typed numbers: unambiguous ones are accepted, ambiguous ones questioned, never guessed."""

import re
import unicodedata

from portal.base.language import gettext as _
from portal.base.typed import plain_digits, whole

# Physiological limits. Temperatures are stored in Celsius, whichever way they were typed.
VITALS = {
    "systolic": (40, 300),
    "diastolic": (20, 200),
    "pulse": (20, 300),
    "spo2": (30, 100),
    "temperature": (25, 45),
    "weight": (0.3, 400),
    "height": (20, 260),
    "glucose": (5, 1500),
}
UNITS = {
    "systolic": ("mmhg", "mm"),
    "diastolic": ("mmhg", "mm"),
    "pulse": ("/min", "permin", "min", "bpm"),
    "spo2": ("%", "percent"),
    "temperature": ("°c", "c", "°f", "f", "°"),
    "weight": ("kg", "kgs", "किलो", "किग्रा"),
    "height": ("cm", "cms", "सेमी"),
    "glucose": ("mg/dl", "mg%", "mgdl"),
}
COUNTED = {
    "duration_days": ("d", "day", "days", "दिन"),
    "quantity": ("tab", "tabs", "tablet", "tablets", "cap", "caps", "capsule", "capsules", "nos", "गोली", "गोलियां"),
}
FAHRENHEIT_FROM = 77
LONGEST = 80

_WORD = re.compile(r"(?:[^\W\d_]|[\u0900-\u0903\u093a-\u094f\u0955-\u0957\u0962\u0963])+")
_FIGURE = re.compile(r"([0-9][0-9.,]*)([^0-9]*)")
_DECIMAL = re.compile(r"[0-9]{1,4}(?:[.,][0-9]{1,2})?")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3}(?:\.[0-9]+)?")
_PRESSURE = re.compile(r"([0-9]{2,3})/([0-9]{2,3})(?:mmhg|mm)?\.?")


def plain(text: str) -> str:
    """Normalise typed text, truncated: digits of every script as 0 to 9, lower case."""
    return plain_digits(unicodedata.normalize("NFKC", text[:LONGEST]).casefold().strip())


def words(text: str) -> list[str]:
    """Split a short text into words without digits and signs. Devanagari vowel signs are no letters but belong to
    words.
    """
    return _WORD.findall(plain(text))


def vital(name: str, text: str) -> tuple[float | None, str]:
    """Parse a measured value in its stored unit, or return None and a question."""
    figure, unit = _parted(text)
    if question := _asked(figure):
        return None, question
    low, high = VITALS[name]
    wrong = _("Give a number that a patient can have, or leave it empty.")
    if not _DECIMAL.fullmatch(figure) or (unit and unit not in UNITS[name]):
        return None, wrong
    value = float(figure.replace(",", "."))
    if name == "temperature" and (unit.endswith("f") or (not unit.endswith("c") and value >= FAHRENHEIT_FROM)):
        value = round((value - 32) / 1.8, 1)
    return (value, "") if low <= value <= high else (None, wrong)


def blood_pressure(text: str) -> tuple[str, str] | None:
    """Split "130/80" into two values; None for anything else."""
    match = _PRESSURE.fullmatch(re.sub(r"\s", "", plain(text)))
    return (match[1], match[2]) if match else None


def count(name: str, text: str, high: int) -> tuple[int | None, str]:
    """Parse a whole number from 1 to `high`, or return None and a question."""
    figure, unit = _parted(text)
    if question := _asked(figure):
        return None, question
    number = whole(figure, 1, high) if not unit or unit in COUNTED[name] else None
    return number, "" if number else _("Give a whole number from 1 to %(high)s.", high=high)


def _parted(text: str) -> tuple[str, str]:
    """Split number and unit, without blanks; two empty texts when it does not begin with a digit."""
    match = _FIGURE.fullmatch(re.sub(r"\s", "", plain(text)))
    return (match[1].rstrip("."), match[2].rstrip(".")) if match else ("", "")


def _asked(figure: str) -> str:
    """Ask about an ambiguous number: 1,500 may be one and a half or fifteen hundred."""
    if not _GROUPED.fullmatch(figure):
        return ""
    return _("Is this %(number)s? Write it without a comma.", number=figure.replace(",", ""))
