"""The desk finds people of its centre, and registers who is there with the card."""

import pytest

from portal.core.accounts.models import Account
from portal.core.beneficiaries.models import Beneficiary, Consent
from portal.work.audit import AuditRow
from tests.factories import make_centre, make_entry

BORN = "1985-05-05"  # of the factories
FORM = {"card_seen": "yes", "date_of_birth": BORN, "address": "12 Lodhi Road", "language": "hi", "consent": "yes"}


@pytest.fixture
def entry(db):
    """Somebody of the register of centre 01 who has not registered."""
    return make_entry()


def register(desk, entry, **fields):
    page = f"/desk/people/new?ben_id={entry.ben_id}"
    return desk.submit("/desk/people/new", FORM | {"ben_id": entry.ben_id} | fields, page=page)


def test_the_desk_finds_people_of_its_centre_and_every_search_is_noted(desk, entry):
    elsewhere = make_entry(name="Kamla Elsewhere", centre=make_centre("02"))
    assert entry.name in desk.get(f"/desk/people?q={entry.ben_id}").text
    assert elsewhere.name not in desk.get("/desk/people?q=Kamla").text
    assert AuditRow.select().where(AuditRow.action == "PeopleSearched").count() == 2


def test_who_is_here_with_the_card_is_registered_on_the_registers_mobile(desk, entry):
    answer = register(desk, entry)
    person = Beneficiary.get()
    assert answer.location.endswith(f"/desk/tokens/new?person={person.uid}")
    assert (person.entry, person.account.mobile, person.language) == (entry, entry.mobile, "hi")
    assert Consent.get().purpose == "registration"
    assert AuditRow.select().where((AuditRow.action == "CardSeen") & (AuditRow.subject == person.uid)).exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"card_seen": ""}, "card_seen"),
        ({"date_of_birth": "1951-03-12"}, "date_of_birth"),
        ({"consent": ""}, "consent"),
        ({"address": ""}, "address"),
    ],
)
def test_what_is_missing_is_said_and_nobody_is_registered(desk, entry, fields, field):
    answer = register(desk, entry, **fields)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert (Beneficiary.select().count(), Account.select().count()) == (0, 0)


def test_registering_twice_changes_nothing(desk, entry):
    assert register(desk, entry).status_code == register(desk, entry).status_code == 303
    assert Beneficiary.select().count() == Consent.select().count() == 1


def test_the_closed_account_of_that_mobile_is_said(desk, entry, now):
    Account.create(mobile=entry.mobile, created_at=now, disabled_at=now)
    answer = register(desk, entry)
    assert answer.status_code == 422
    assert "closed" in answer.text


def test_every_mistake_is_said_at_once(desk, entry):
    answer = register(desk, entry, card_seen="", address="")
    assert 'id="card_seen-error"' in answer.text
    assert 'id="address-error"' in answer.text


def test_nobody_of_another_centre_is_registered(desk, db):
    other = make_entry(centre=make_centre("02"))
    assert register(desk, other).location.endswith(f"/desk/people?q={other.ben_id}")
    assert Beneficiary.select().count() == 0


def test_the_errors_of_the_form_speak_to_the_desk(desk, entry):
    answer = register(desk, entry, consent="", address="").text
    assert "Read the notice to the person" in answer
    assert "where the person is" in answer
    assert "your consent" not in answer
