"""The written permission to give more than a part at once, as for a journey abroad (domain.md 2.4, CGHS FAQ).

The letter itself stays with the centre; who signed it, its number, its day and the reason are recorded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from portal.base.language import gettext as _
from portal.base.typed import NotADate, clean, read_date
from portal.core.dispensing.collector import Problems, short

LONGEST_SIGNER, LONGEST_NUMBER, LONGEST_REASON = 120, 60, 200
OLDEST = timedelta(days=366)
FIELDS = ("permit_signed_by", "permit_number", "permit_dated", "permit_reason")


@dataclass(frozen=True)
class Letter:
    """A written permission: who signed it, its number and day, and what for."""

    signed_by: str
    number: str
    dated: date
    reason: str


def fields_of(position: int) -> tuple[str, ...]:
    """Return the fields of the letter for ordering the medicine in this position: each order has its own."""
    return tuple(f"{at_order(position)}{name}" for name in FIELDS)


def at_order(position: int) -> str:
    """Return what stands before the names of these fields."""
    return f"order-{position}-"


def read_letter(form: Mapping[str, str], problems: Problems, *, on: date, at: str = "") -> Letter | None:
    """Read the letter, of fields whose names begin with `at`; None when none was typed.

    Adds to `problems` whatever is missing or wrong.
    """
    signer, numbered, dated, why = (f"{at}{name}" for name in FIELDS)
    if not any(clean(form.get(name, "")).strip() for name in (signer, numbered, dated, why)):
        return None
    signed_by = short(signer, LONGEST_SIGNER, form, problems)
    number = short(numbered, LONGEST_NUMBER, form, problems)
    reason = short(why, LONGEST_REASON, form, problems)
    if not signed_by:
        problems[signer] = _("Write who signed the permission, with the office.")
    if not any(sign.isalnum() for sign in number):
        problems.setdefault(numbered, _("Write the number of the letter."))
    if not reason:
        problems[why] = _("Write what it was permitted for.")
    return Letter(signed_by, number, _day(dated, form, problems, on), reason)


def _day(name: str, form: Mapping[str, str], problems: Problems, on: date) -> date:
    try:
        dated = read_date(form.get(name, ""))
    except NotADate as error:
        problems[name] = str(error)
        return on
    if dated > on:
        problems[name] = _("This day is still to come. Write the day that stands on the letter.")
    elif dated < on - OLDEST:
        problems[name] = _("This letter is more than a year old. Please ask for a new one.")
    return dated
