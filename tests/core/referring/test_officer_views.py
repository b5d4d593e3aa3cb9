"""The medical officer's pages: people and referrals of the own centre, each search audited."""

import re
from datetime import timedelta

import pytest

from portal.base.clock import clinic_day
from portal.core.referrals.models import Referral
from portal.work.audit import AuditRow
from tests.factories import make_centre, make_entry, make_referral, make_specialty, make_staff, make_visit


@pytest.fixture
def officer(db):
    return make_staff("medical_officer", centre=make_centre("01"))


def searches(action: str = "ReferralsSearched") -> list[tuple[str, str]]:
    rows = AuditRow.select().where(AuditRow.action == action)
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


def test_the_list_shows_the_state_of_each(officer, sign_in, now):
    yesterday = clinic_day(now) - timedelta(days=1)
    for fields in ({}, {"max_consults": 1}, {"valid_until": yesterday}, {"cancelled_at": now}):
        slip = make_referral(make_entry(), officer=officer, **fields)
        if "max_consults" in fields:
            make_visit("completed", referral=slip)
    page = sign_in(officer).get("/referrals").text
    shown = re.findall(r'<td data-label="State">.*?(Valid|Used up|Expired|Withdrawn)', page, re.DOTALL)
    assert shown == ["Withdrawn", "Expired", "Used up", "Valid"]


def test_people_are_searched_by_name_and_the_search_is_audited(officer, sign_in):
    make_entry(name="Ramesh Kumar", ben_id="7000001")
    make_entry(name="Ramesh Gupta", centre=make_centre("02"))
    page = sign_in(officer).get("/referrals/people?q=रमेश").text
    assert ("Ramesh Kumar" in page, "Ramesh Gupta" in page) == (True, False)
    assert "/referrals/new?ben_id=7000001" in page
    assert searches("PeopleSearched") == [(officer.uid, str(officer.centre_id))]


def test_the_name_is_shown_before_the_referral_is_issued(officer, sign_in):
    """By the script, which asks for it, by the link of a search, and by the button for browsers without scripts."""
    make_entry(name="Ramesh Kumar", ben_id="7000001")
    make_specialty()
    browser = sign_in(officer)
    typed = {"ben_id": "7000001", "specialty": "medicine", "reason": "Chest pain"}
    found = browser.submit("/referrals/new", typed | {"find": "yes"})
    for page in (
        browser.get("/referrals/people?ben_id=7000001", headers={"HX-Request": "true"}),
        browser.get("/referrals/new?ben_id=7000001"),
        found,
    ):
        assert "<h2>Ramesh Kumar · रमेश कुमार</h2>" in page.text
    assert "Chest pain" in found.text, "what is typed stays"
    assert not Referral.select().exists()


def test_a_name_is_no_person_before_one_of_the_list_is_chosen(officer, sign_in):
    for ben_id in ("7000001", "7000002"):
        make_entry(name="Ramesh Kumar", ben_id=ben_id)
    make_specialty()
    browser = sign_in(officer)
    typed = {"ben_id": "Ramesh", "specialty": "medicine", "reason": "Chest pain"}
    asked = browser.submit("/referrals/new", typed)
    assert (asked.status_code, "Choose the person from the list." in asked.text) == (422, True)
    assert re.findall(r'name="chosen" value="(\d+)"', asked.text) == ["7000001", "7000002"]
    assert browser.submit("/referrals/new", typed | {"chosen": "7000002"}).status_code == 303
    assert Referral.get().entry.ben_id == "7000002"


def test_the_confirmation_names_person_specialty_and_number(officer, sign_in):
    make_entry(name="Ramesh Kumar", ben_id="7000001")
    make_specialty()
    typed = {"ben_id": "7000001", "specialty": "medicine", "reason": "Chest pain"}
    said = sign_in(officer).submit("/referrals/new", typed, follow_redirects=True).text
    number = Referral.get().number
    assert f"Ramesh Kumar (7000001) is referred to Medicine. Referral {number} is valid until" in said


def test_a_withdrawal_needs_a_reason_and_shows_it(officer, sign_in):
    slip = make_referral(make_entry(), officer=officer)
    browser, address = sign_in(officer), f"/referrals/{slip.uid}"
    refused = browser.submit(f"{address}/cancel", {"reason": ""}, page=address)
    assert (refused.status_code, 'id="reason-error"' in refused.text) == (422, True)
    said = browser.submit(f"{address}/cancel", {"reason": "Wrong person"}, page=address, follow_redirects=True).text
    assert "is withdrawn" in said
    assert "Wrong person" in said
    assert f"{address}/cancel" not in said
    late = browser.submit(f"{address}/cancel", {"reason": "Again"}, page=address)
    assert (late.status_code, "withdrawn already" in late.text) == (409, True)


def test_the_page_of_a_referral_of_another_centre_is_not_found(officer, sign_in):
    foreign = make_referral(make_entry(centre=make_centre("02")))
    assert sign_in(officer).get(f"/referrals/{foreign.uid}").status_code == 404
