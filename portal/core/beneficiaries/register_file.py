"""The scheme's register as a CSV file: streamed, each line accepted or refused with reasons."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, TypeVar

from portal.base.language import gettext as _
from portal.base.mobile import normalise as normalise_mobile
from portal.base.plain_text import LONGEST_NAME, one_line
from portal.core.beneficiaries.identity import BEN_ID_PATTERN, age_on, normalise_ben_id
from portal.store.csv_file import Columns, Line, read_table

DISABILITY = "disability"  # the only optional column
COLUMNS = Columns(("ben_id", "name", "name_hi", "gender", "date_of_birth", "mobile", "centre"), (DISABILITY,))
OLDEST = 130

_GENDERS = {"male": "male", "m": "male", "female": "female", "f": "female", "other": "other", "o": "other"}
_YES_OR_NO = {"": False, "no": False, "n": False, "0": False, "yes": True, "y": True, "1": True}
_JOINERS = "\u200c\u200d"  # invisible, yet part of Hindi spelling

T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """One validated person of the register."""

    ben_id: str
    name: str
    name_hi: str
    gender: str
    date_of_birth: date
    mobile: str
    centre: str
    has_disability: bool = False


@dataclass(frozen=True)
class Known:
    """What lines are validated against."""

    centres: Collection[str]
    today: date
    ben_id_pattern: str = BEN_ID_PATTERN


class _Reasons(list[str]):
    """All errors of a line, so that a file can be corrected in one go."""

    def check(self, rule: Callable[[str], T], text: str, instead: T) -> T:
        """Apply a rule that raises ValueError; collect the reason and return `instead`."""
        try:
            return rule(text)
        except ValueError as reason:
            self.append(str(reason))
            return instead


def read_register(file: BinaryIO, known: Known) -> Iterator[tuple[int, Row | list[str]]]:
    """Yield each line's number with its row, or with the reasons of its refusal. Empty lines are skipped.

    Raises Invalid at once when the header is wrong.
    """
    return _rows(read_table(file, COLUMNS), known)


def _rows(lines: Iterator[Line], known: Known) -> Iterator[tuple[int, Row | list[str]]]:
    first_at: dict[str, int] = {}
    for line in lines:
        row = [line.wrong] if line.wrong else _row(line.cells, known)
        if isinstance(row, Row) and (first := first_at.setdefault(row.ben_id, line.number)) != line.number:
            row = [_("The Ben ID %(ben_id)s stands on line %(line)s already.", ben_id=row.ben_id, line=first)]
        yield line.number, row


def _row(cells: Mapping[str, str], known: Known) -> Row | list[str]:
    reasons = _Reasons()
    row = Row(
        ben_id=reasons.check(lambda text: normalise_ben_id(text, known.ben_id_pattern), cells["ben_id"], ""),
        name=reasons.check(_name, cells["name"], ""),
        name_hi=reasons.check(_name, cells["name_hi"], "") if cells["name_hi"] else "",
        gender=reasons.check(_gender, cells["gender"], ""),
        date_of_birth=reasons.check(lambda text: _born(text, known.today), cells["date_of_birth"], date.min),
        mobile=reasons.check(normalise_mobile, cells["mobile"], ""),
        centre=reasons.check(lambda text: _centre(text, known.centres), cells["centre"], ""),
        has_disability=reasons.check(_disability, cells.get(DISABILITY, ""), False),
    )
    return reasons or row


def _name(text: str) -> str:
    name = one_line(text)
    if any(unicodedata.category(character).startswith("C") for character in name if character not in _JOINERS):
        raise ValueError(_("The name has characters that cannot be printed."))
    if not any(character.isalpha() for character in name) or len(name) > LONGEST_NAME:
        raise ValueError(_("Give a name of at most %(limit)s characters.", limit=LONGEST_NAME))
    return name


def _gender(text: str) -> str:
    try:
        return _GENDERS[text.lower()]
    except KeyError as error:
        raise ValueError(_("Give the gender as male, female or other.")) from error


def _born(text: str, today: date) -> date:
    # ISO only: 05/06/1985 is ambiguous.
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(_("Give the date of birth as year-month-day, such as 1985-05-31."))
    try:
        born = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(_("There is no such day as the date of birth.")) from error
    if age_on(born, today) > OLDEST:
        raise ValueError(_("The date of birth lies too far back."))
    return born


def _centre(text: str, centres: Collection[str]) -> str:
    # A spreadsheet turns 01 into 1.
    found = next((code for code in (text, text.zfill(2)) if code in centres), None)
    if found is None:
        raise ValueError(_("The wellness centre %(code)s is not known.", code=repr(text[:20])))
    return found


def _disability(text: str) -> bool:
    try:
        return _YES_OR_NO[text.lower()]
    except KeyError as error:
        raise ValueError(_("Give disability as yes or no.")) from error
