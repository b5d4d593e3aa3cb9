"""Checks of referrals before a token is issued (CGHS OM 28.06.2024, domain.md 2.3).

Visits register how often a referral was used, as referrals must not import them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import peewee

from portal.base.clock import clinic_day
from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.base.language import in_language, show_date
from portal.core.beneficiaries.identity import age_on
from portal.core.beneficiaries.models import RegisterEntry
from portal.core.clinic.models import Specialty
from portal.core.referrals.models import Referral
from portal.settings.clinic import ReferralRules
from portal.store.prepared import Prepared

EXEMPT_AGE, EXEMPT_FOLLOWUP = "EXEMPT_AGE", "EXEMPT_FOLLOWUP"
Count = Callable[[Referral], int]
HandOver = Callable[[Referral, Referral], None]
FollowUps = Callable[[RegisterEntry, Specialty, date], Referral | None]
_counts: list[Count] = []
_hand_overs: list[HandOver] = []
_follow_ups: list[FollowUps] = []


@dataclass(frozen=True)
class Gate:
    """What permits a token: a referral, or an exemption.

    With EXEMPT_FOLLOWUP the referral is that of the consultation in which the follow-up was set: it counts there.
    """

    referral: Referral | None
    exemption: str
    urgent: bool


def gate(entry: RegisterEntry, specialty: Specialty, now: datetime) -> Gate:
    """Find what permits a token. Raises Invalid on `specialty` saying exactly why not and what to do."""
    if entry.left_on is not None:
        raise Invalid({"specialty": _left(entry)})
    day = clinic_day(now)
    usable, reason = _search(entry, specialty, day)
    if usable:
        return Gate(usable, "", usable.urgent)
    if is_exempt(entry, day):
        return Gate(None, EXEMPT_AGE, False)
    covers = follow_up_on(entry, specialty, day)
    if covers is not None:
        return Gate(covers, EXEMPT_FOLLOWUP, False)
    raise Invalid({"specialty": f"{reason} {_what_to_do(entry)}"})


def is_exempt(entry: RegisterEntry, day: date) -> bool:
    """Is this person of the age from which no referral is needed?"""
    return age_on(entry.date_of_birth, day) >= ReferralRules.in_force().referral_exempt_age


@Prepared
def _referrals(entry: object, specialty: object) -> peewee.Select:
    mine = (Referral.entry == entry) & (Referral.specialty == specialty) & Referral.cancelled_at.is_null()
    return Referral.select().where(mine).order_by(Referral.valid_until, Referral.id)


def standing(entry: RegisterEntry, specialty: Specialty, day: date) -> Referral | None:
    """Return the usable referral of a person to a specialty; of several the one that expires last."""
    referrals = _referrals.all(entry, specialty)
    usable = [each for each in referrals if each.valid_until >= day and uses(each) < each.max_consults]
    return usable[-1] if usable else None


def counts_uses(function: Count) -> Count:
    """Register a function of (referral) that counts consultations it was used for or is held by."""
    _counts.append(function)
    return function


def hands_over(function: HandOver) -> HandOver:
    """Register a function of (old, new referral), called when the new one replaces the old one."""
    _hand_overs.append(function)
    return function


def tells_follow_up(function: FollowUps) -> FollowUps:
    """Register a function of (entry, specialty, day): the referral on which a specialist has set a follow-up then."""
    _follow_ups.append(function)
    return function


def follow_up_on(entry: RegisterEntry, specialty: Specialty, day: date) -> Referral | None:
    """Return the referral, perhaps over by now, whose follow-up needs no new one on this day."""
    found = (function(entry, specialty, day) for function in _follow_ups)
    return next((referral for referral in found if referral is not None), None)


def uses(referral: Referral) -> int:
    """Count the consultations a referral was used for (completed) or is held by (open)."""
    return sum(count(referral) for count in _counts)


def hand_over(old: Referral, new: Referral) -> None:
    """Move what holds the old referral to the new one."""
    for function in _hand_overs:
        function(old, new)


def state_of(referral: Referral, day: date) -> str:
    """Return cancelled, expired, used or valid."""
    if referral.cancelled_at:
        return "cancelled"
    if referral.valid_until < day:
        return "expired"
    return "used" if uses(referral) >= referral.max_consults else "valid"


def _search(entry: RegisterEntry, specialty: Specialty, day: date) -> tuple[Referral | None, str]:
    """Return the usable referral that expires first, or the reason why the latest one is not usable."""
    reason = _("You have no referral for this specialist.")
    for referral in _referrals.all(entry, specialty):
        if referral.valid_until < day:
            reason = _(
                "Your referral %(number)s was valid until %(day)s.",
                number=referral.number,
                day=show_date(referral.valid_until),
            )
        elif uses(referral) >= referral.max_consults:
            reason = _(
                "Your referral %(number)s is used up: it was for %(count)s consultations.",
                number=referral.number,
                count=referral.max_consults,
            )
        else:
            return referral, ""
    return None, reason


def _left(entry: RegisterEntry) -> str:
    return _(
        "The scheme’s register says that this person is no longer in the scheme. If that is wrong, please ask your "
        "wellness centre (%(centre)s): the register can be corrected.",
        centre=centre_name(entry),
    )


def _what_to_do(entry: RegisterEntry) -> str:
    age = ReferralRules.in_force().referral_exempt_age
    return _(
        "Please ask the medical officer of your wellness centre (%(centre)s) for a referral. "
        "From the age of %(age)s no referral is needed.",
        centre=centre_name(entry),
        age=age,
    )


def centre_name(entry: RegisterEntry) -> str:
    """Return code and name of the person's centre, in the reader's language."""
    return f"{entry.centre.code} {in_language(entry.centre)}"
