"""What the token form knows before anything is typed: who has which referral, and who has none."""

import re
from datetime import date

import pytest

from tests.factories import make_account, make_beneficiary, make_referral, make_specialty


@pytest.fixture
def account(db):
    return make_account()


def chosen(text: str) -> list[str]:
    """The values of the radio buttons that are chosen."""
    boxes = re.findall(r"<input[^>]+type=\"radio\"[^>]*>", text)
    return [re.search(r'value="([^"]*)"', box)[1] for box in boxes if " checked" in box]


def person_of(account, name: str = "Kamla Devi", *, is_old: bool = False):
    born = date(1940, 1, 1) if is_old else date(1980, 1, 1)
    return make_beneficiary(account=account, name=name, name_hi="", date_of_birth=born)


def test_the_only_referral_of_the_family_is_chosen_already(account, sign_in):
    _other, referred = person_of(account, "Mohan Lal"), person_of(account)
    make_referral(referred.entry, specialty=make_specialty("eye"))
    make_specialty("medicine")
    assert chosen(sign_in(account).get("/tokens/new").text) == [referred.uid, "eye"]


def test_of_two_ways_to_a_doctor_none_is_chosen(account, sign_in):
    person = person_of(account)
    for code in ("eye", "medicine"):
        make_referral(person.entry, specialty=make_specialty(code))
    assert chosen(sign_in(account).get("/tokens/new").text) == [person.uid]


def test_whom_age_exempts_chooses_the_doctor(account, sign_in):
    person = person_of(account, is_old=True)
    make_referral(person.entry, specialty=make_specialty("eye"))
    assert chosen(sign_in(account).get("/tokens/new").text) == [person.uid]


def test_a_link_chooses_before_the_referral_does(account, sign_in):
    other, referred = person_of(account, "Mohan Lal"), person_of(account)
    make_referral(referred.entry, specialty=make_specialty("eye"))
    make_specialty("medicine")
    page = sign_in(account).get(f"/tokens/new?beneficiary={other.uid}&specialty=medicine").text
    assert chosen(page) == [other.uid, "medicine"]


def test_what_was_typed_is_not_chosen_anew(account, sign_in):
    referred = person_of(account)
    make_referral(referred.entry, specialty=make_specialty("eye"))
    make_specialty("medicine")
    answer = sign_in(account).submit("/tokens/new", {"beneficiary": referred.uid, "specialty": "medicine"})
    assert chosen(answer.text) == [referred.uid, "medicine"]


def test_before_the_form_a_family_reads_that_it_has_no_referral_and_where_to_ask(account, sign_in):
    person = person_of(account)
    make_specialty("eye")
    page = sign_in(account).get("/tokens/new").text
    before = page.partition('id="token-form"')[0]
    assert "For a token you need a referral, and there is none just now." in before
    assert f'href="/referrals/requests?beneficiary={person.uid}"' in before


def test_who_has_none_is_named(account, sign_in):
    person_of(account, "Ganga Devi", is_old=True)
    make_referral(person_of(account).entry, specialty=make_specialty("eye"))
    person_of(account, "Mohan Lal")
    assert "Without a referral just now: Mohan Lal." in sign_in(account).get("/tokens/new").text


def test_a_family_in_which_everybody_may_come_reads_of_nothing_missing(account, sign_in):
    person_of(account, is_old=True)
    make_specialty("eye")
    assert "Ask my medical officer" not in sign_in(account).get("/tokens/new").text
