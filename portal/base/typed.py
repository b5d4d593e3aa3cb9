"""Parsers for typed input: whole numbers in digits of any script, and dates in Indian order."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date

from portal.base.language import gettext as _

MOST_DIGITS = 10  # of a whole number: those of PostgreSQL's integer
BOXES = ("", "-month", "-year")  # suffixes of a date's three inputs; the day has the field's own name
LONGEST_PLAIN = 80
ICD10 = re.compile(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?")
# Devanagari vowel signs are no letters, but belong to words.
_WORD = re.compile(r"(?:[^\W\d_]|[\u0900-\u0903\u093a-\u094f\u0955-\u0957\u0962\u0963])+")
_PARTS = re.compile(r"(\d{1,2})[-/. ]+(\d{1,2})[-/. ]+(\d{4})")
_ISO = re.compile(r"(\d{4})[-/. ]+(\d{1,2})[-/. ]+(\d{1,2})")


class NotADate(ValueError):
    """Invalid date, with a sentence; `box` is the suffix of the input that is wrong."""

    def __init__(self, sentence: str, box: str = "") -> None:
        super().__init__(sentence)
        self.box = box


def plain_digits(text: str) -> str:
    """Convert the digits of every script to ASCII."""
    return "".join(str(unicodedata.decimal(character, character)) for character in text)


def plain(text: str) -> str:
    """Normalise a short typed text, truncated: digits of every script as 0 to 9, lower case."""
    return plain_digits(unicodedata.normalize("NFKC", text[:LONGEST_PLAIN]).casefold().strip())


def clean(text: str) -> str:
    """Strip control characters (a NUL cannot be stored) and outer blanks; line breaks stay."""
    plain = text.replace("\r\n", "\n").replace("\t", " ").strip()
    return "".join(character for character in plain if character == "\n" or unicodedata.category(character) != "Cc")


def words(text: str) -> list[str]:
    """Split a short text into words without digits and signs."""
    return _WORD.findall(plain(text))


def whole(text: str, low: int, high: int) -> int | None:
    """Parse a whole number that a person wrote, in digits of any script, from `low` to `high`; None for all else.

    Blanks around it are ignored; signs, separators and decimals are refused.
    """
    return ascii_whole(plain_digits(text.strip()), low, high)


def ascii_whole(text: str, low: int, high: int) -> int | None:
    """Parse a whole number that a machine wrote (header, environment, address of a page): ASCII digits, no blanks."""
    is_number = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return int(text) if is_number and low <= int(text) <= high else None


def code(text: str) -> str:
    """Normalise a typed code (OTP): ASCII digits, without spaces, dashes and invisible characters."""
    return "".join(
        character
        for character in plain_digits(text)
        if not (character.isspace() or unicodedata.category(character) in {"Pd", "Cf"})
    )


def read_date(text: str) -> date:
    """Parse a date as 31/01/1950, 31-1-1950, 31.01.1950 or 1950-01-31, in digits of any script.

    Raises NotADate. The day is first, as everybody here writes it; a two-digit year is ambiguous and is refused.
    """
    parts = _parts_of(text)
    if parts is None:
        raise NotADate(_("Give a date as day, month and year with four digits, such as 31/01/1950."))
    try:
        return date(int(parts[2]), int(parts[1]), int(parts[0]))
    except ValueError:
        raise NotADate(_("There is no such date. Check day, month and year.")) from None


def date_or_none(text: str) -> date | None:
    """Parse a date as `read_date` does; None for everything else."""
    try:
        return read_date(text)
    except NotADate:
        return None


def read_boxes(typed: tuple[str, str, str]) -> date:
    """Parse the three inputs day, month, year. A whole date in the first, pasted or from a script, is accepted.

    Raises NotADate, which names the input that is wrong.
    """
    boxes = [_plain(text) for text in typed]
    day, month, year = boxes
    if not month and not year:
        return read_date(day)
    for box, text, high in zip(BOXES, boxes, (31, 12, 9999), strict=True):
        if whole(text, 1, high) is None:
            raise NotADate(_box_sentence(box), box)
    if len(year) != 4:
        raise NotADate(_box_sentence(BOXES[2]), BOXES[2])
    return read_date("/".join(boxes))


def boxes_of(form: Mapping[str, str], name: str) -> tuple[str, str, str]:
    """Return the three submitted inputs of a date field."""
    day, month, year = (form.get(f"{name}{box}", "") for box in BOXES)
    return day, month, year


def shown_in_boxes(form: Mapping[str, str], name: str) -> tuple[str, str, str]:
    """Return what to redisplay in the three inputs: as typed; a whole date in the first is split."""
    typed = boxes_of(form, name)
    parts = _parts_of(typed[0]) if not typed[1] and not typed[2] else None
    return parts or typed


def _plain(text: str) -> str:
    return " ".join(plain_digits(unicodedata.normalize("NFKC", text)).split())


def _parts_of(text: str) -> tuple[str, str, str] | None:
    """Split a whole date into day, month and year; None when it is not one."""
    plain = _plain(text)
    if found := _PARTS.fullmatch(plain):
        return found[1], found[2], found[3]
    if found := _ISO.fullmatch(plain):
        return found[3], found[2], found[1]
    return None


def _box_sentence(box: str) -> str:
    return {
        "": _("Give the day as a number from 1 to 31."),
        "-month": _("Give the month as a number from 1 to 12."),
        "-year": _("Give the year with four digits, such as 1950."),
    }[box]
