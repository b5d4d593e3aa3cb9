"""The medical officer's pages: searches are audited."""

import re
from datetime import timedelta

import pytest

from portal.base.clock import clinic_day
from portal.work.audit import AuditRow
from tests.factories import make_centre, make_entry, make_referral, make_staff, make_visit


@pytest.fixture
def officer(db):
    return make_staff("medical_officer", centre=make_centre("01"))


def searches() -> list[tuple[str, str]]:
    rows = AuditRow.select().where(AuditRow.action == "ReferralsSearched")
    return [(row.actor_uid, row.subject) for row in rows]


def test_a_search_is_audited(officer, sign_in):
    make_referral(make_entry(name="Ramesh Kumar"), officer=officer)
    assert "Ramesh Kumar" in sign_in(officer).get("/referrals?q=Ramesh").text
    assert searches() == [(officer.uid, str(officer.centre_id))]


def test_opening_the_list_is_not_audited(officer, sign_in):
    sign_in(officer).get("/referrals")
    sign_in(officer).get("/referrals?q=+")
    assert searches() == []


def test_people_of_another_centre_are_not_found(officer, sign_in):
    make_referral(make_entry(name="Farid Khan", centre=make_centre("02")))
    assert "Farid Khan" not in sign_in(officer).get("/referrals?q=Farid").text


@pytest.mark.parametrize("query", ["7000007", "ref-777777", "Sunita"])
def test_a_search_finds_by_ben_id_number_and_name_and_nobody_else(officer, sign_in, query):
    make_referral(make_entry(name="Ramesh Kumar"), officer=officer)
    make_referral(make_entry(name="Sunita Devi", ben_id="7000007"), officer=officer, number="REF-777777")
    page = sign_in(officer).get(f"/referrals?q={query}").text
    assert ("Sunita Devi" in page, "Ramesh Kumar" in page) == (True, False)


def test_the_list_shows_the_state_of_each_and_withdraws_only_what_is_valid(officer, sign_in, now):
    yesterday = clinic_day(now) - timedelta(days=1)
    for fields in ({}, {"max_consults": 1}, {"valid_until": yesterday}, {"cancelled_at": now}):
        slip = make_referral(make_entry(), officer=officer, **fields)
        if "max_consults" in fields:
            make_visit("completed", referral=slip)
    page = sign_in(officer).get("/referrals").text
    shown = re.findall(r'<td data-label="State">.*?(Valid|Used up|Over|Withdrawn)', page, re.DOTALL)
    assert (shown, page.count("/cancel")) == (["Withdrawn", "Over", "Used up", "Valid"], 1)
