"""The cells of a register's file: each rule returns the value, or raises ValueError with the reason as a sentence."""

import re
import unicodedata
from collections.abc import Collection
from datetime import date

from portal.base.language import gettext as _
from portal.base.mobile import normalise
from portal.base.plain_text import LONGEST_NAME, one_line
from portal.core.beneficiaries.identity import BEN_ID_PATTERN, age_on, normalise_ben_id

OLDEST = 130

_GENDERS = {"male": "male", "m": "male", "female": "female", "f": "female", "other": "other", "o": "other"}
_YES_OR_NO = {"": False, "no": False, "n": False, "0": False, "yes": True, "y": True, "1": True}
_JOINERS = "\u200c\u200d"  # invisible, yet part of Hindi spelling


def ben_id(text: str, pattern: str = BEN_ID_PATTERN) -> str:
    """Read a Ben ID. Raises ValueError with the reason."""
    return normalise_ben_id(whole(text), pattern)


def mobile(text: str) -> str:
    """Read a mobile number. Raises ValueError with the reason."""
    return normalise(whole(text))


def whole(text: str) -> str:
    """Undo what a spreadsheet adds to a number (5000004.0). Raises ValueError for digits that it has rounded away."""
    if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?[eE]\+?[0-9]+", text):
        raise ValueError(
            _(
                "A spreadsheet has turned the number into %(text)s, and its last digits are lost. Take the file from "
                "where it comes from again, and format the column as text before you open it.",
                text=text[:20],
            )
        )
    return re.sub(r"\.0+$", "", text)


def name(text: str) -> str:
    """Read a name. Raises ValueError with the reason."""
    found = one_line(text)
    if any(unicodedata.category(character).startswith("C") for character in found if character not in _JOINERS):
        raise ValueError(_("The name has characters that cannot be printed."))
    if not any(character.isalpha() for character in found) or len(found) > LONGEST_NAME:
        raise ValueError(_("Give a name of at most %(limit)s characters.", limit=LONGEST_NAME))
    return found


def gender(text: str) -> str:
    """Read a gender. Raises ValueError with the reason."""
    try:
        return _GENDERS[text.lower()]
    except KeyError as error:
        raise ValueError(_("Give the gender as male, female or other.")) from error


def born(text: str, today: date) -> date:
    """Read a birth date, in ISO form. Raises ValueError with the reason."""
    # ISO only: 05/06/1985 is ambiguous.
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(_("Give the date of birth as year-month-day, such as 1985-05-31."))
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(_("There is no such day as the date of birth.")) from error
    if age_on(day, today) > OLDEST:
        raise ValueError(_("The date of birth lies too far back."))
    return day


def centre(text: str, centres: Collection[str]) -> str:
    """Find the code of a centre. Raises ValueError when it is not known."""
    # A spreadsheet turns 01 into 1.
    found = next((code for code in (text, text.zfill(2)) if code in centres), None)
    if found is None:
        raise ValueError(_("The wellness centre %(code)s is not known.", code=repr(text[:20])))
    return found


def disability(text: str) -> bool:
    """Read yes or no. Raises ValueError with the reason."""
    try:
        return _YES_OR_NO[text.lower()]
    except KeyError as error:
        raise ValueError(_("Give disability as yes or no.")) from error
