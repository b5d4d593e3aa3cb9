"""Writing and cancelling referrals."""

from datetime import datetime, timedelta

from portal.core import settings
from portal.core.accounts.models import Staff
from portal.core.audit import Actor
from portal.core.beneficiaries.models import RegisterEntry
from portal.core.beneficiaries.services import ben_id_of
from portal.core.clock import clinic_day
from portal.core.db import claim, write
from portal.core.errors import Conflict, Invalid, NotFound
from portal.core.events import record
from portal.core.language import gettext as _
from portal.core.numbers import next_number
from portal.core.referrals.models import Referral
from portal.core.visits.specialties import Specialty

REASON_LIMIT = 500


def find_entry(officer: Staff, ben_id: str) -> RegisterEntry:
    """A person of the officer's own centre. Raises Invalid; another centre's person is as unknown as nobody."""
    entry = RegisterEntry.get_or_none(
        (RegisterEntry.ben_id == ben_id_of(ben_id)) & (RegisterEntry.centre == officer.centre)
    )
    if entry is None:
        raise Invalid({"ben_id": _("No beneficiary of your centre has this Ben ID. Please check the card.")})
    return entry


def refer(
    officer: Staff, ben_id: str, specialty_code: str, reason: str, *, urgent: bool, by: Actor, now: datetime
) -> Referral:
    """Issue a referral slip. Raises Invalid with every wrong field."""
    specialty, entry = _checked(officer, ben_id, specialty_code, reason)
    with write():
        _require_room(entry, specialty, now)
        referral = Referral.create(
            number=f"REF-{next_number('referral'):06d}",
            entry=entry,
            specialty=specialty,
            centre=officer.centre,
            officer=officer,
            reason=reason.strip(),
            urgent=urgent,
            issued_at=now,
            valid_until=clinic_day(now) + timedelta(days=settings.number("referral_validity_days")),
            max_consults=settings.number("referral_max_consults"),
        )
        record("ReferralIssued", referral.uid, by=by, now=now, specialty=specialty.code, urgent=urgent)
    return referral


def cancel(officer: Staff, uid: str, *, by: Actor, now: datetime) -> None:
    """Withdraw a referral of the own centre. Raises NotFound, or Conflict when it was withdrawn already."""
    referral = Referral.get_or_none((Referral.uid == uid) & (Referral.centre == officer.centre))
    if referral is None:
        raise NotFound
    with write():
        update = Referral.update(cancelled_at=now).where((Referral.id == referral.id) & Referral.cancelled_at.is_null())
        if not claim(update):
            raise Conflict(_("This referral was withdrawn already."))
        record("ReferralCancelled", referral.uid, by=by, now=now)


def _checked(officer: Staff, ben_id: str, specialty_code: str, reason: str) -> tuple[Specialty, RegisterEntry]:
    problems: dict[str, str] = {}
    specialty = Specialty.get_or_none((Specialty.code == specialty_code) & Specialty.active)
    if specialty is None:
        problems["specialty"] = _("Choose a specialty from the list.")
    if not 3 <= len(reason.strip()) <= REASON_LIMIT:
        problems["reason"] = _("Give the reason in 3 to %(limit)s characters.", limit=REASON_LIMIT)
    try:
        entry = find_entry(officer, ben_id)
    except Invalid as error:
        problems |= error.fields
    if problems or specialty is None:
        raise Invalid(problems)
    return specialty, entry


def _require_room(entry: RegisterEntry, specialty: Specialty, now: datetime) -> None:
    """One valid slip per specialty, and no more specialties than allowed at a time."""
    valid = Referral.select().where(
        (Referral.entry == entry) & Referral.cancelled_at.is_null() & (Referral.valid_until >= clinic_day(now))
    )
    others = {referral.specialty_id for referral in valid} - {specialty.id}
    limit = settings.number("referral_max_specialists")
    if len(others) >= limit:
        raise Invalid(
            {"specialty": _("This person already has valid referrals to %(limit)s specialists.", limit=limit)}
        )
