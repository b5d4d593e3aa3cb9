"""Issuing, extending, replacing and cancelling referrals."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.base.clock import clinic_day
from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.language import gettext as _
from portal.base.language import show_date
from portal.core.accounts.models import Account, Staff
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import Centre, Specialty
from portal.core.referrals import checks, people, requests
from portal.core.referrals.events import ReferralCancelled, ReferralExtended, ReferralIssued, ReferralReplaced
from portal.core.referrals.models import Referral, ReferralRequest
from portal.settings.clinic import ReferralRules
from portal.store.db import claim, one_at_a_time, write
from portal.store.numbers import next_number
from portal.work import audit
from portal.work.audit import Actor
from portal.work.events import record

REASON_LIMIT = 500
WITHDRAWAL_LIMIT = 200
SHORTEST_REASON = 3
EXTEND, REPLACE = "extend", "replace"


@dataclass(frozen=True)
class Choice:
    """The officer's choice about a valid referral (`referral`: its uid): the `action` is EXTEND or REPLACE."""

    referral: str
    action: str


UNASKED = Choice("", "")


class StillValid(Conflict):
    """This person has a valid referral to this specialty, to be extended or replaced."""

    def __init__(self, referral: Referral, until: date) -> None:
        super().__init__(
            _(
                "There is a valid referral for this specialist already: %(number)s, until %(day)s. "
                "Please choose whether to extend or to replace it.",
                number=referral.number,
                day=show_date(referral.valid_until),
            )
        )
        self.referral, self.until = referral, until


def find_entry(officer: Staff, ben_id: str) -> RegisterEntry:
    """Find a person of the officer's centre. Raises Invalid, for another centre's person too."""
    entry = people.of_ben_id(officer, ben_id)
    if entry is None:
        raise Invalid({"ben_id": _("No beneficiary of your centre has this Ben ID. Please check the card.")})
    return entry


def refer(
    officer: Staff,
    ben_id: str,
    specialty_code: str,
    reason: str,
    *,
    urgent: bool,
    by: Actor,
    now: datetime,
    choice: Choice = UNASKED,
    request: str = "",
) -> Referral:
    """Issue a referral, or extend the valid one. `request`: uid of the family's request that it answers.

    Raises Invalid with every wrong field, StillValid without a choice, Conflict for a request that is answered.
    """
    specialty, entry = _checked(officer, ben_id, specialty_code, reason)
    asked = _asked(officer, request, entry)
    with write():
        one_at_a_time(f"referral {entry.ben_id}")
        _require_below_limit(entry, specialty, now)
        valid = checks.standing(entry, specialty, clinic_day(now))
        if valid is not None and (choice.referral != valid.uid or choice.action not in (EXTEND, REPLACE)):
            raise StillValid(valid, valid_until(now))
        if valid is not None and choice.action == EXTEND:
            extended = _extend(valid, urgent=urgent, by=by, now=now)
            requests.close_by(extended, asked, officer, by=by, now=now)
            return extended
        referral = Referral.create(
            number=f"REF-{next_number('referral'):06d}",
            entry=entry,
            specialty=specialty,
            centre=officer.centre,
            officer=officer,
            reason=reason.strip(),
            urgent=urgent,
            issued_at=now,
            valid_until=valid_until(now),
            max_consults=ReferralRules.in_force().referral_max_consults,
        )
        record(ReferralIssued(specialty=specialty.code, urgent=urgent), referral.uid, by=by, now=now)
        if valid is not None:
            _replace(referral, by=by, now=now)
        requests.close_by(referral, asked, officer, by=by, now=now)
    return referral


def valid_until(now: datetime) -> date:
    """Return the last valid day of a referral issued now."""
    return clinic_day(now) + timedelta(days=ReferralRules.in_force().referral_validity_days)


def valid_referrals(entry: RegisterEntry, day: date) -> list[Referral]:
    """List a person's referrals that are neither withdrawn nor expired, with their specialties."""
    mine = (Referral.entry == entry) & Referral.cancelled_at.is_null() & (Referral.valid_until >= day)
    return list(Referral.select(Referral, Specialty).join(Specialty).where(mine).order_by(Referral.id))


def open_referral(officer: Staff, uid: str) -> Referral:
    """Get a referral of a person of the officer's centre. Raises NotFound for anybody else's."""
    rows = Referral.select(Referral, RegisterEntry, Centre).join(RegisterEntry).join(Centre)
    found: Referral | None = rows.where((Referral.uid == uid) & (RegisterEntry.centre == officer.centre)).first()
    if found is None:
        raise NotFound
    return found


def own_referral(account: Account, uid: str) -> Referral:
    """Get a referral of a person of this account. Raises NotFound for anybody else's."""
    rows = Referral.select(Referral, RegisterEntry).join(RegisterEntry).join(Beneficiary)
    found: Referral | None = rows.where((Referral.uid == uid) & (Beneficiary.account == account)).first()
    if found is None:
        raise NotFound
    return found


def cancel(officer: Staff, uid: str, reason: str, *, by: Actor, now: datetime) -> Referral:
    """Withdraw a referral of the officer's centre; the family reads the reason.

    Raises NotFound, Invalid without a reason, Conflict when it is withdrawn already.
    """
    referral, reason = open_referral(officer, uid), " ".join(reason.split())
    if not SHORTEST_REASON <= len(reason) <= WITHDRAWAL_LIMIT:
        raise Invalid({"reason": _("Give the reason in 3 to %(limit)s characters.", limit=WITHDRAWAL_LIMIT)})
    with write():
        withdrawn = Referral.update(cancelled_at=now, cancelled_by=officer, cancel_reason=reason)
        if not claim(withdrawn.where((Referral.id == referral.id) & Referral.cancelled_at.is_null())):
            raise Conflict(_("This referral was withdrawn already."))
        record(ReferralCancelled(), referral.uid, by=by, now=now)
    return referral


def note_answer(referral: Referral, *, by: Actor, now: datetime) -> None:
    """Note that an officer has read what the specialist answered so far: it is no longer new to the centre."""
    with write():
        Referral.update(answer_noted_at=now).where(Referral.id == referral.id).execute()
        audit.note("AnswerNoted", referral.uid, by=by, now=now)


def _extend(referral: Referral, *, urgent: bool, by: Actor, now: datetime) -> Referral:
    """Extend a referral. Its limit of consultations and its urgency stay."""
    referral.valid_until = max(referral.valid_until, valid_until(now))
    referral.urgent = referral.urgent or urgent
    referral.ending_told_at = None
    referral.save(only=[Referral.valid_until, Referral.urgent, Referral.ending_told_at])
    extended = ReferralExtended(until=referral.valid_until.isoformat(), urgent=referral.urgent)
    record(extended, referral.uid, by=by, now=now)
    return referral


def _replace(new: Referral, *, by: Actor, now: datetime) -> None:
    """Cancel every other valid referral, and move the visits that hold one to the new one."""
    older = Referral.select().where(
        (Referral.entry == new.entry)
        & (Referral.specialty == new.specialty)
        & (Referral.id != new.id)
        & Referral.cancelled_at.is_null()
        & (Referral.valid_until >= clinic_day(now))
    )
    for old in [each for each in older.order_by(Referral.id) if checks.uses(each) < each.max_consults]:
        Referral.update(cancelled_at=now).where(Referral.id == old.id).execute()
        checks.hand_over(old, new)
        ReferralRequest.update(referral=new).where(ReferralRequest.referral == old).execute()
        record(ReferralReplaced(referral=new.uid), old.uid, by=by, now=now)


def _asked(officer: Staff, uid: str, entry: RegisterEntry) -> ReferralRequest | None:
    """Return the request that is to be answered. Raises NotFound, Invalid when another person asked."""
    if not uid:
        return None
    request = requests.open_request(officer, uid)
    if request.beneficiary.entry != entry:
        name = request.beneficiary.name
        raise Invalid({"ben_id": _("This answers a request of %(name)s. Choose that person.", name=name)})
    return request


def _checked(officer: Staff, ben_id: str, specialty_code: str, reason: str) -> tuple[Specialty, RegisterEntry]:
    problems: dict[str, str] = {}
    entry = None
    try:
        entry = find_entry(officer, ben_id)
    except Invalid as error:
        problems |= error.fields
    specialty = Specialty.get_or_none((Specialty.code == specialty_code) & Specialty.active)
    if specialty is None:
        problems["specialty"] = _("Choose a specialty from the list.")
    if not SHORTEST_REASON <= len(reason.strip()) <= REASON_LIMIT:
        problems["reason"] = _("Give the reason in 3 to %(limit)s characters.", limit=REASON_LIMIT)
    if problems or entry is None or specialty is None:
        raise Invalid(problems)
    return specialty, entry


def _require_below_limit(entry: RegisterEntry, specialty: Specialty, now: datetime) -> None:
    """Raise Invalid at the limit of specialties with a valid referral."""
    others = {referral.specialty_id for referral in valid_referrals(entry, clinic_day(now))} - {specialty.id}
    limit = ReferralRules.in_force().referral_max_specialists
    if len(others) >= limit:
        raise Invalid(
            {"specialty": _("This person already has valid referrals to %(limit)s specialists.", limit=limit)}
        )
