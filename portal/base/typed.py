"""What people type: digits of any script, dates as they are written in India."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date

from portal.base.language import gettext as _

BOXES = ("", "-month", "-year")  # the names of a date's three boxes: the day's is the field's own
_PARTS = re.compile(r"(\d{1,2})[-/. ]+(\d{1,2})[-/. ]+(\d{4})")
_ISO = re.compile(r"(\d{4})[-/. ]+(\d{1,2})[-/. ]+(\d{1,2})")


class NotADate(ValueError):
    """No date, said in a sentence; `box` ends the name of the one of three boxes in which to look first."""

    def __init__(self, sentence: str, box: str = "") -> None:
        super().__init__(sentence)
        self.box = box


def plain_digits(text: str) -> str:
    """The text with the digits of every script as 0 to 9."""
    return "".join(str(unicodedata.decimal(character, character)) for character in text)


def code(text: str) -> str:
    """A code of digits, without what stands between them when it is copied: blanks, dashes, invisible marks."""
    return "".join(
        character
        for character in plain_digits(text)
        if not (character.isspace() or unicodedata.category(character) in {"Pd", "Cf"})
    )


def read_date(text: str) -> date:
    """A date as 31/01/1950, 31-1-1950, 31.01.1950 or 1950-01-31, in digits of any script.

    Raises NotADate. The day stands first, as everybody here writes it; a year of two digits could be of either century
    and is not guessed.
    """
    parts = _parts_of(text)
    if parts is None:
        raise NotADate(_("Give a date as day, month and year with four digits, such as 31/01/1950."))
    try:
        return date(int(parts[2]), int(parts[1]), int(parts[0]))
    except ValueError:
        raise NotADate(_("There is no such date. Check day, month and year.")) from None


def date_or_none(text: str) -> date | None:
    """A date as 31/01/1950, 31-1-1950, 31.01.1950 or 1950-01-31, in digits of any script; None for everything else."""
    try:
        return read_date(text)
    except NotADate:
        return None


def read_boxes(typed: tuple[str, str, str]) -> date:
    """The date of three boxes: day, month, year. A whole one in the first, pasted or from a script, counts as well.

    Raises NotADate, which names the box.
    """
    boxes = [_plain(text) for text in typed]
    day, month, year = boxes
    if not month and not year:
        return read_date(day)
    for box, text, high in zip(BOXES, boxes, (31, 12, 9999), strict=True):
        if not (text.isdecimal() and len(text) <= 4 and 1 <= int(text) <= high):
            raise NotADate(_box_sentence(box), box)
    if len(year) != 4:
        raise NotADate(_box_sentence(BOXES[2]), BOXES[2])
    return read_date("/".join(boxes))


def boxes_of(form: Mapping[str, str], name: str) -> tuple[str, str, str]:
    """What stands in the three boxes of a field."""
    day, month, year = (form.get(f"{name}{box}", "") for box in BOXES)
    return day, month, year


def shown_in_boxes(form: Mapping[str, str], name: str) -> tuple[str, str, str]:
    """What to show in the three boxes: as it was typed, a whole date of the first parted into all."""
    typed = boxes_of(form, name)
    parts = _parts_of(typed[0]) if not typed[1] and not typed[2] else None
    return parts or typed


def _plain(text: str) -> str:
    return " ".join(plain_digits(unicodedata.normalize("NFKC", text)).split())


def _parts_of(text: str) -> tuple[str, str, str] | None:
    """Day, month and year of a whole date."""
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
