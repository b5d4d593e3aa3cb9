"""Identifiers of a person: patient ID, Ben ID, age, initials."""

import re
import unicodedata
from datetime import date

from portal.base.language import gettext as _
from portal.base.typed import plain_digits

INFANT_MONTHS = 24  # below two years an age is told in months
BEN_ID_PATTERN = "^[0-9]{5,10}$"  # no check digit and no fixed length are published

_SERIALS_A_DAY = 1_000_000

# Verhoeff's check digit: the dihedral group of ten elements, a permutation for each place, and the inverses.
# Unlike Luhn's it detects every wrong digit and every swap of neighbours, the commonest typing errors.
_PRODUCT = (
    "0123456789",
    "1234067895",
    "2340178956",
    "3401289567",
    "4012395678",
    "5987604321",
    "6598710432",
    "7659821043",
    "8765932104",
    "9876543210",
)
_PLACE = (
    "0123456789",
    "1576283094",
    "5803796142",
    "8916043527",
    "9453126870",
    "4286573901",
    "2793806415",
    "7046913258",
)
_INVERSE = "0432156789"

# One akshara: a letter, letters joined to it by a virama, and the vowel sign and dots that follow.
_FIRST_AKSHARA = re.compile(r"[^\W\d_](?:\u094d[\u200c\u200d]?[^\W\d_]|[\u0900-\u0903\u093a-\u094c\u0962\u0963])*")


def make_patient_id(serial: int, day: date) -> str:
    """Make a patient ID: YYMMDD of the registration, six digits of a serial, one check digit.

    Serials wrap round after 999999: IDs stay unique for up to a million registrations a day.
    """
    if serial < 0:
        raise ValueError("a serial is not negative")
    body = f"{day:%y%m%d}{serial % _SERIALS_A_DAY:06d}"
    return body + _INVERSE[_checksum(body + "0")]


def normalise_ben_id(text: str, pattern: str = BEN_ID_PATTERN) -> str:
    """Normalise a Ben ID to ASCII digits, from any script, without blanks. Raises ValueError with the reason."""
    digits = plain_digits("".join(text.split()))
    if not digits.isascii() or not digits.isdigit():
        raise ValueError(_("The Ben ID has digits only, as printed on the CGHS card."))
    if not re.fullmatch(pattern, digits):
        raise ValueError(_("This Ben ID is too short or too long. Give it as printed on the CGHS card."))
    return digits


def age_on(born: date, day: date) -> int:
    """Return full years on a day. Births on 29 February count on 1 March in other years.

    So nobody reaches an age too early. Raises ValueError for a day before the birth.
    """
    if day < born:
        raise ValueError(_("The date of birth lies in the future."))
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def infant_months(born: date, day: date) -> int | None:
    """Return the full months of somebody younger than two years, None for everybody else."""
    months = (day.year - born.year) * 12 + day.month - born.month - (day.day < born.day)
    return months if months < INFANT_MONTHS else None


def age_in_words(born: date, day: date) -> str:
    """Format an age for a person to read: in years, that of an infant in months."""
    months = infant_months(born, day)
    if months is None:
        return _("%(years)s years", years=age_on(born, day))
    return _("%(months)s months", months=months) if months > 1 else _("1 month") if months else _("under 1 month")


def initials(name: str) -> str:
    """Return the initials, such as R.K.: all that a list shows before the record is opened."""
    found = (_FIRST_AKSHARA.search(word) for word in unicodedata.normalize("NFC", name).split())
    return "".join(f"{match[0].upper()}." for match in found if match)


def _checksum(digits: str) -> int:
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = int(_PRODUCT[check][int(_PLACE[place % 8][int(digit)])])
    return check
