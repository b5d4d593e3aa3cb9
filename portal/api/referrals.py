"""Referrals: a medical officer's permission for a person of the own centre to see a specialist."""

from dataclasses import dataclass
from datetime import date, datetime

from portal.base.errors import Conflict
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import RegisterEntry
from portal.core.beneficiaries.services import ben_id_of
from portal.core.clinic.models import Specialty
from portal.core.referrals import checks, models, services
from portal.core.referrals.services import EXTEND, REASON_LIMIT, REPLACE, UNASKED, Choice, valid_until
from portal.work.audit import Actor

__all__ = [
    "EXTEND",
    "REASON_LIMIT",
    "REPLACE",
    "UNASKED",
    "Choice",
    "Referral",
    "StillValid",
    "refer",
    "standing",
    "valid_until",
]


@dataclass(frozen=True)
class Referral:
    """A referral: its displayed number, and the last day of its validity."""

    uid: str
    number: str
    valid_until: date


class StillValid(Conflict):
    """Conflict with a valid `referral` of this specialty, which a Choice extends until `until` or replaces."""

    def __init__(self, message: str, referral: Referral, until: date) -> None:
        super().__init__(message)
        self.referral, self.until = referral, until


def standing(ben_id: str, specialty: str, *, day: date) -> Referral | None:
    """Find the referral that is valid for this person and specialty (its code) on a day, or None."""
    entry = RegisterEntry.get_or_none(RegisterEntry.ben_id == ben_id_of(ben_id))
    known = Specialty.get_or_none((Specialty.code == specialty) & Specialty.active)
    found = checks.standing(entry, known, day) if entry and known else None
    return _referral(found) if found else None


def refer(
    officer_uid: str,
    ben_id: str,
    specialty: str,
    reason: str,
    *,
    urgent: bool,
    by: Actor,
    now: datetime,
    choice: Choice = UNASKED,
) -> Referral:
    """Issue a referral for a person of the officer's centre, or extend or replace the valid one, as chosen.

    `reason` has 3 to REASON_LIMIT characters. Raises Invalid with every wrong field, StillValid without a choice about
    a valid referral. Joins the caller's transaction.
    """
    officer = Staff.get(Staff.uid == officer_uid)
    try:
        row = services.refer(officer, ben_id, specialty, reason, urgent=urgent, by=by, now=now, choice=choice)
    except services.StillValid as error:
        raise StillValid(error.message, _referral(error.referral), error.until) from None
    return _referral(row)


def _referral(row: models.Referral) -> Referral:
    return Referral(row.uid, row.number, row.valid_until)
