"""Idempotent forms: what is submitted again with the same key."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from portal.base.clock import now as moment
from portal.core.visits.models import Visit
from portal.web.forms import idempotency
from portal.web.forms.idempotency import SpentKey
from tests.factories import make_beneficiary, make_referral, make_specialty


@pytest.fixture
def browser(sign_in) -> FlaskClient:
    """A browser that has submitted a token request with the idempotency key `one`."""
    person = make_beneficiary()
    make_referral(person.entry)
    make_referral(person.entry, specialty=make_specialty("eye"))
    browser = sign_in(person)
    browser.wish = {"beneficiary": person.uid, "specialty": "medicine", "complaint": "Fever", "consent": "yes"}
    browser.wish["idempotency_key"] = "one"
    assert browser.submit("/tokens/new", browser.wish).status_code == 303
    return browser


def test_a_repeated_form_gets_the_first_response(browser) -> None:
    again = browser.submit("/tokens/new", browser.wish)
    assert (again.status_code, again.location) == (303, f"/visits/{Visit.get().uid}")
    assert again.headers["Idempotent-Replayed"] == "1"


def test_a_form_repeated_by_a_script_gets_the_first_response(browser, sign_in) -> None:
    person = make_beneficiary()
    make_referral(person.entry)
    other, wish = sign_in(person), browser.wish | {"beneficiary": person.uid}
    first, again = (other.submit("/tokens/new", wish, headers={"HX-Request": "true"}) for _ in range(2))
    assert "Idempotent-Replayed" not in first.headers
    assert (again.headers["HX-Redirect"], again.headers["Idempotent-Replayed"]) == (first.headers["HX-Redirect"], "1")


@pytest.mark.parametrize("other", [{"specialty": "eye"}, {"complaint": "Cough"}, {"more": "yes"}])
def test_an_idempotency_key_with_other_contents_is_refused(browser, other) -> None:
    answer = browser.submit("/tokens/new", browser.wish | other)
    assert answer.status_code == 422
    assert "already sent with other contents" in answer.text
    assert "Idempotent-Replayed" not in answer.headers
    assert (Visit.get().complaint, Visit.select().count(), SpentKey.select().count()) == ("Fever", 1, 1)


def test_idempotency_keys_are_per_person(browser, sign_in) -> None:
    person = make_beneficiary()
    make_referral(person.entry)
    answer = sign_in(person).submit("/tokens/new", browser.wish | {"beneficiary": person.uid})
    assert (answer.status_code, Visit.select().count()) == (303, 2)


def test_a_key_is_kept_longer_than_its_form_can_be_sent_and_then_deleted(browser, clock) -> None:
    clock.tick(idempotency.KEPT.total_seconds() - 60)
    idempotency.sweep_spent_keys(moment())
    assert SpentKey.select().count() == 1
    clock.tick(120)
    idempotency.sweep_spent_keys(moment())
    assert SpentKey.select().count() == 0


def test_old_keys_are_deleted_a_few_at_a_time_the_oldest_first(browser, clock, monkeypatch) -> None:
    monkeypatch.setattr(idempotency, "AT_ONCE", 1)
    first = SpentKey.get()
    SpentKey.create(**first.__data__ | {"id": None, "key": "two", "at": first.at + timedelta(minutes=1)})
    clock.tick(idempotency.KEPT.total_seconds() + 120)
    idempotency.sweep_spent_keys(moment())
    assert [row.key for row in SpentKey.select()] == ["two"]
