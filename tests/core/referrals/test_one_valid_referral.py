"""A person has one valid referral for a specialty: a second one extends or replaces it, and the officer says which."""

import importlib
from datetime import date, timedelta

import pytest

from portal.base.errors import Invalid
from portal.core.referrals import checks
from portal.core.referrals.models import Referral
from portal.core.referrals.services import EXTEND, REPLACE, Choice, StillValid, refer
from portal.core.visits.models import Visit
from portal.settings.clinic import put
from portal.store.db import database
from portal.work.audit import Actor, AuditRow
from tests.at_once import at_once, done
from tests.factories import make_beneficiary, make_entry, make_referral, make_specialty, make_staff, make_visit

OFFICER = Actor("staff", "mo")
MIGRATION = importlib.import_module("portal.migrations.0007_long_names_one_slip")


@pytest.fixture
def officer(db):
    make_specialty()
    return make_staff("medical_officer")


@pytest.fixture
def entry(officer):
    return make_entry()


@pytest.fixture
def referral(entry, now):
    return make_referral(entry, valid_until=now.date() + timedelta(days=20))


@pytest.fixture
def write(officer, entry, now):
    def write(choice=None, **more):
        given = {"urgent": False, "by": OFFICER, "now": now} | more
        return refer(officer, entry.ben_id, "medicine", "Chest pain", **given, **({"choice": choice} if choice else {}))

    return write


def valid(entry, now) -> list[str]:
    still = Referral.cancelled_at.is_null() & (Referral.valid_until >= now.date())
    return [row.number for row in Referral.select().where((Referral.entry == entry) & still).order_by(Referral.id)]


@pytest.mark.parametrize("choice", [None, Choice("", EXTEND), Choice("other", REPLACE), "referral"])
def test_a_second_referral_without_a_choice_conflicts_and_changes_nothing(write, referral, entry, now, choice):
    before = AuditRow.select().count()
    with pytest.raises(StillValid, match=referral.number) as asked:
        write(Choice(referral.uid, "burn") if choice == "referral" else choice)
    assert (asked.value.referral, asked.value.until) == (referral, date(2027, 2, 21))
    assert (valid(entry, now), AuditRow.select().count()) == ([referral.number], before)


def test_extending_keeps_the_number_and_the_remaining_consultations(write, referral, entry, now):
    make_visit("completed", beneficiary=make_beneficiary(entry=entry), referral=referral)
    same = write(Choice(referral.uid, EXTEND), urgent=True)
    after = Referral.get_by_id(referral.id)
    assert (same, after.valid_until, after.urgent) == (referral, date(2027, 2, 21), True)
    assert (after.max_consults, checks.uses(after), valid(entry, now)) == (6, 1, [referral.number])
    assert AuditRow.select().where(AuditRow.action == "ReferralExtended").count() == 1


def test_extending_never_shortens_the_validity(write, referral, now):
    put("referral_validity_days", "5")
    assert write(Choice(referral.uid, EXTEND)).valid_until == referral.valid_until


def test_replacing_cancels_the_old_referral_and_moves_the_open_visit(write, referral, entry, now):
    person = make_beneficiary(entry=entry)
    done = make_visit("completed", beneficiary=person, referral=referral)
    waits = make_visit("waiting", beneficiary=person, referral=referral)
    new = write(Choice(referral.uid, REPLACE))
    assert (new != referral, valid(entry, now), new.reason) == (True, [new.number], "Chest pain")
    assert Visit.get_by_id(done.id).referral == referral, "what is done stays as it was"
    assert Visit.get_by_id(waits.id).referral == new
    assert checks.uses(new) == 1
    replaced = AuditRow.get(AuditRow.action == "ReferralReplaced")
    assert replaced.subject == referral.uid


@pytest.mark.parametrize("state", ["over", "used", "withdrawn", "other specialty"])
def test_an_expired_used_up_or_withdrawn_referral_needs_no_choice(write, entry, now, state):
    over = {
        "over": {"valid_until": now.date() - timedelta(days=1)},
        "withdrawn": {"cancelled_at": now},
        "used": {"max_consults": 1},
        "other specialty": {"specialty": make_specialty("eye")},
    }
    old = make_referral(entry, **over[state])
    if state == "used":
        make_visit("completed", beneficiary=make_beneficiary(entry=entry), referral=old)
    new = write()
    assert new != old
    assert Referral.get_by_id(old.id).cancelled_at == old.cancelled_at


def test_concurrent_requests_issue_one_referral(app, officer, entry, now):
    def attempt() -> Referral:
        return refer(officer, entry.ben_id, "medicine", "Chest pain", urgent=False, by=OFFICER, now=now)

    outcomes = at_once(app, [attempt] * 4)
    assert len(done(outcomes)) == 1
    assert [type(outcome) for outcome in outcomes].count(StillValid) == 3
    assert len(valid(entry, now)) == 1


def test_older_duplicate_referrals_stay_valid_and_share_one_limit(entry, now):
    first, second, third = (make_referral(entry, valid_until=now.date() + timedelta(days=d)) for d in (10, 30, 20))
    other = make_referral(entry, specialty=make_specialty("eye"))
    over = make_referral(entry, valid_until=date(2020, 1, 1))
    MIGRATION._join_duplicates(database.obj)
    shared = {row.id: row.shares_id for row in Referral.select()}
    assert shared == {first.id: None, second.id: first.id, third.id: first.id, other.id: None, over.id: None}
    person, seen = make_beneficiary(entry=entry), []
    for day in (*range(5), 25):
        way_in = checks.gate(entry, make_specialty(), now + timedelta(days=day))
        seen.append(way_in.referral)
        make_visit("completed", beneficiary=person, referral=way_in.referral)
    assert seen == [first] * 5 + [second]
    with pytest.raises(Invalid, match="used up: it was for 6"):
        checks.gate(entry, make_specialty(), now + timedelta(days=25))


def test_a_referral_issued_after_the_older_one_was_used_up_keeps_its_own_limit(entry, now):
    person, old = make_beneficiary(entry=entry), make_referral(entry, max_consults=1)
    make_visit("completed", beneficiary=person, referral=old, requested_at=now - timedelta(days=2))
    new = make_referral(entry)
    MIGRATION._join_duplicates(database.obj)
    assert Referral.get_by_id(new.id).shares_id is None


def test_replacing_cancels_all_that_share_a_limit(write, entry, now):
    first = make_referral(entry)
    second = make_referral(entry, shares=first, valid_until=first.valid_until + timedelta(days=9))
    new = write(Choice(second.uid, REPLACE))
    assert valid(entry, now) == [new.number]


def test_the_page_offers_extending_and_replacing(sign_in, officer, entry, referral, now):
    browser, form = sign_in(officer), {"ben_id": entry.ben_id, "specialty": "medicine", "reason": "Chest pain"}
    asked = browser.submit("/referrals/new", form)
    assert asked.status_code == 409
    assert referral.number in asked.text
    assert "Extend it until 21 Feb 2027" in asked.text
    assert asked.text.count('name="reason" value="Chest pain"') == 1, "one form with two buttons"
    answer = form | {"slip": referral.uid, "existing": "extend"}
    said = browser.submit("/referrals/new", answer, follow_redirects=True).text
    assert f"Referral {referral.number} is valid until 21 Feb 2027." in said
    again = browser.submit("/referrals/new", form)
    assert "Extend it until" not in again.text, "it would not become longer"
    said = browser.submit(
        "/referrals/new", form | {"slip": referral.uid, "existing": "replace"}, follow_redirects=True
    ).text
    (number,) = valid(entry, now)
    assert f"Referral {number} is valid until 21 Feb 2027." in said
