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


def read_letter(form: Mapping[str, str], problems: Problems, *, on: date) -> Letter | None:
    """Read the letter; None when none was typed. Adds to `problems` whatever is missing or wrong."""
    if not any(clean(form.get(name, "")).strip() for name in FIELDS):
        return None
    signed_by = short("permit_signed_by", LONGEST_SIGNER, form, problems)
    number = short("permit_number", LONGEST_NUMBER, form, problems)
    reason = short("permit_reason", LONGEST_REASON, form, problems)
    if not signed_by:
        problems["permit_signed_by"] = _("Write who signed the permission, with the office.")
    if not any(sign.isalnum() for sign in number):
        problems.setdefault("permit_number", _("Write the number of the letter."))
    if not reason:
        problems["permit_reason"] = _("Write what it was permitted for.")
    return Letter(signed_by, number, _day(form, problems, on), reason)


def _day(form: Mapping[str, str], problems: Problems, on: date) -> date:
    try:
        dated = read_date(form.get("permit_dated", ""))
    except NotADate as error:
        problems["permit_dated"] = str(error)
        return on
    if dated > on:
        problems["permit_dated"] = _("This day is still to come. Write the day that stands on the letter.")
    elif dated < on - OLDEST:
        problems["permit_dated"] = _("This letter is more than a year old. Please ask for a new one.")
    return dated
