"""The medical officer's pages: searches are audited."""

import pytest

from portal.work.audit import AuditRow
from tests.factories import make_centre, make_entry, make_referral, make_staff


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
