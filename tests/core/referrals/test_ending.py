"""The reminder of a referral that ends soon: once, while there is something left of it."""

from datetime import timedelta

import pytest

from portal.core.referrals.ending import tell_ending
from portal.core.referrals.models import Referral
from portal.core.referrals.services import EXTEND, Choice, refer
from portal.settings.clinic import put
from portal.work.audit import Actor, AuditRow
from tests.factories import make_beneficiary, make_referral, make_specialty, make_staff, make_visit


@pytest.fixture
def referral(db, now) -> Referral:
    """A referral of two months ago that ends in seven days."""
    made = make_referral(make_beneficiary().entry, issued_at=now - timedelta(days=60))
    Referral.update(valid_until=now.date() + timedelta(days=7)).execute()
    return Referral.get_by_id(made.id)


def told() -> list[str]:
    return [row.subject for row in AuditRow.select().where(AuditRow.action == "ReferralEnding")]


def test_it_is_told_once_from_the_seventh_day_before_the_end(referral, now):
    tell_ending(now - timedelta(days=1))
    assert told() == []
    for hours in (0, 1, 24):
        tell_ending(now + timedelta(hours=hours))
    assert told() == [referral.uid]


@pytest.mark.parametrize(
    "fields", [{"cancelled_at": True}, {"max_consults": 1}, {"valid_until": -1}, {"issued_at": 0}], ids=str
)
def test_what_is_withdrawn_used_over_or_that_short_is_not_told(referral, now, fields):
    values = {"cancelled_at": now} if "cancelled_at" in fields else dict(fields)
    if "valid_until" in fields:
        values = {"valid_until": now.date() - timedelta(days=1)}
    if "issued_at" in fields:
        values = {"issued_at": now}
    Referral.update(**values).execute()
    make_visit("completed", referral=referral)
    tell_ending(now)
    assert told() == []


def test_the_days_are_a_setting_and_none_means_no_reminder(referral, now):
    put("referral_remind_days", "0")
    tell_ending(now)
    assert told() == []
    put("referral_remind_days", "3")
    tell_ending(now)
    assert told() == []
    tell_ending(now + timedelta(days=4))
    assert told() == [referral.uid]


def test_an_extended_referral_is_told_again_before_its_new_end(referral, now):
    tell_ending(now)
    officer = make_staff("medical_officer", centre=referral.entry.centre)
    choice, by = Choice(referral.uid, EXTEND), Actor("staff", officer.uid)
    refer(officer, referral.entry.ben_id, "medicine", "Again", urgent=False, by=by, now=now, choice=choice)
    tell_ending(now)
    assert told() == [referral.uid]
    tell_ending(now + timedelta(days=85))
    assert told() == [referral.uid] * 2


def test_referrals_of_other_people_do_not_wait_for_each_other(referral, now):
    other = make_referral(make_beneficiary().entry, specialty=make_specialty("eye"), issued_at=now - timedelta(days=60))
    Referral.update(valid_until=now.date() + timedelta(days=2)).where(Referral.id == other.id).execute()
    tell_ending(now)
    assert told() == [other.uid, referral.uid]
