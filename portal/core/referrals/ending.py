"""Scheduled reminder: a referral that is not used up ends in a few days."""

from datetime import datetime, timedelta

from portal.base.clock import clinic_day
from portal.core.referrals import checks
from portal.core.referrals.events import ReferralEnding
from portal.core.referrals.models import Referral
from portal.settings.clinic import ComingBack
from portal.store.db import claim, write
from portal.work.audit import SYSTEM
from portal.work.events import record
from portal.work.jobs import sweep


@sweep(every=600)
def tell_ending(now: datetime) -> None:
    """Tell of each referral that ends within the days of the setting, once."""
    days, today = timedelta(days=ComingBack.in_force().referral_remind_days), clinic_day(now)
    if not days:
        return
    standing = Referral.cancelled_at.is_null() & Referral.ending_told_at.is_null()
    soon = Referral.valid_until.between(today, today + days)
    found = Referral.select().where(standing & soon).order_by(Referral.valid_until, Referral.id)
    for referral in list(found):
        if _is_worth_it(referral, days):
            _tell(referral, now)


def _is_worth_it(referral: Referral, days: timedelta) -> bool:
    """Not of a referral that is used up, or that was issued for no longer than the reminder looks ahead."""
    is_long = clinic_day(referral.issued_at) + days < referral.valid_until
    return is_long and checks.uses(referral) < referral.max_consults


def _tell(referral: Referral, now: datetime) -> None:
    unchanged = (Referral.valid_until == referral.valid_until) & Referral.cancelled_at.is_null()
    mine = (Referral.id == referral.id) & Referral.ending_told_at.is_null() & unchanged
    with write():
        if claim(Referral.update(ending_told_at=now).where(mine)):
            record(ReferralEnding(until=referral.valid_until.isoformat()), referral.uid, by=SYSTEM, now=now)
