"""Nominees: one at a time, withdrawn at will, audited."""

import pytest

from portal.base.errors import Invalid, NotFound
from portal.core.rights import nominees
from portal.core.rights.models import Nominee
from portal.work.audit import SYSTEM, AuditRow
from tests.factories import make_beneficiary

SITA = {"name": "Sita Devi", "relation": "wife", "mobile": "98765 43210"}


@pytest.fixture
def person(db):
    return make_beneficiary()


def test_a_new_nominee_takes_the_place_of_the_one_before(person, now):
    nominees.name_nominee(person, SITA, by=SYSTEM, now=now)
    nominees.name_nominee(person, SITA | {"name": "Ravi Kumar", "relation": "son"}, by=SYSTEM, now=now)
    found = nominees.nominee_of(person)
    assert (found.name, found.mobile) == ("Ravi Kumar", "+919876543210")
    assert Nominee.select().count() == 2


def test_naming_the_same_person_again_changes_nothing(person, now):
    assert len({nominees.name_nominee(person, SITA, by=SYSTEM, now=now).id for _ in range(2)}) == 1


def test_a_nomination_is_withdrawn_once(person, now):
    nominees.name_nominee(person, SITA, by=SYSTEM, now=now)
    nominees.withdraw_nominee(person, by=SYSTEM, now=now)
    assert nominees.nominee_of(person) is None
    with pytest.raises(NotFound):
        nominees.withdraw_nominee(person, by=SYSTEM, now=now)
    rows = AuditRow.select().where(AuditRow.action.startswith("Nominee")).order_by(AuditRow.id)
    assert [row.action for row in rows] == ["NomineeNamed", "NomineeWithdrawn"]


def test_what_is_missing_is_named(person, now):
    with pytest.raises(Invalid) as error:
        nominees.name_nominee(person, {"mobile": "12"}, by=SYSTEM, now=now)
    assert set(error.value.fields) == {"name", "relation", "mobile"}


def test_the_page_names_and_withdraws(person, sign_in):
    browser, address = sign_in(person), f"/my/nominees/{person.uid}"
    assert browser.submit(address, SITA).status_code == 303
    assert "Sita Devi" in browser.get("/my/rights").get_data(as_text=True)
    assert browser.submit(address, {"state": "withdrawn"}).status_code == 303
    assert "Sita Devi" not in browser.get("/my/rights").get_data(as_text=True)
    wrong = browser.submit(address, SITA | {"mobile": "12"})
    assert wrong.status_code == 422
    assert "Sita Devi" in wrong.get_data(as_text=True)
    assert sign_in(make_beneficiary()).get(address).status_code == 404
