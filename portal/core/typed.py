"""What people type: digits of any script, dates as they are written in India."""

import re
import unicodedata
from datetime import date

from portal.core.language import gettext as _

_PARTS = re.compile(r"(\d{1,2})[-/. ]+(\d{1,2})[-/. ]+(\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")


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

    Raises ValueError with a sentence. The day stands first, as everybody here writes it; a year of two digits could be
    of either century and is not guessed.
    """
    plain = " ".join(plain_digits(unicodedata.normalize("NFKC", text)).split())
    found, iso = _PARTS.fullmatch(plain), _ISO.fullmatch(plain)
    if found:
        return day_of(found[1], found[2], found[3])
    if iso:
        return day_of(iso[3], iso[2], iso[1])
    raise ValueError(_("Give a date as day, month and year with four digits, such as 31/01/1950."))


def day_of(day: str, month: str, year: str) -> date:
    """The date of three boxes. Raises ValueError with a sentence."""
    parts = [plain_digits(part.strip()) for part in (day, month, year)]
    if not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts) or len(parts[2]) != 4:
        raise ValueError(_("Give a date as day, month and year with four digits, such as 31/01/1950."))
    try:
        return date(int(parts[2]), int(parts[1]), int(parts[0]))
    except ValueError:
        raise ValueError(_("There is no such date. Check day, month and year.")) from None
