"""The family reads its referrals on the home page and in the token form: which specialty, how often, until when."""

import re
from datetime import date, timedelta

import pytest

from portal.core.privacy import codes
from portal.core.referring.family import standing_in_family
from portal.work.audit import Actor
from tests.factories import make_beneficiary, make_referral, make_session, make_specialty, make_staff, make_visit

LEFT = "until 21 Feb 2027, 6 of 6 consultations left"


@pytest.fixture
def person(db):
    return make_beneficiary(name="Ramesh Kumar", name_hi="रमेश कुमार")


def hint_of(page: str, code: str) -> str:
    """What the token form says beside a specialty."""
    found = re.search(rf'name="specialty" value="{code}".*?</label>', page, re.DOTALL)[0]
    return "".join(re.findall(r"<small>(.*?)</small>", found))


def test_home_says_which_specialty_how_often_and_until_when(person, sign_in):
    make_referral(person.entry)
    home = sign_in(person).get("/home").text
    assert ("Referral: Medicine" in home, LEFT in home) == (True, True)
    assert f"/tokens/new?beneficiary={person.uid}&amp;specialty=medicine" in home


def test_the_token_form_says_it_beside_the_specialty(person, sign_in):
    make_specialty("eye")
    make_referral(person.entry)
    page = sign_in(person).get("/tokens/new").text
    assert (hint_of(page, "medicine"), hint_of(page, "eye")) == (LEFT, "")


def test_the_form_of_several_people_names_each_and_whom_age_exempts(person, sign_in):
    make_beneficiary(account=person.account, name="Hari Kumar", date_of_birth=date(1950, 1, 1))
    make_referral(person.entry)
    page = sign_in(person).get("/tokens/new").text
    assert hint_of(page, "medicine") == f"Ramesh Kumar: {LEFT}; Hari Kumar: no referral needed"


def test_the_link_fills_in_who_and_where_and_never_a_consent(person, sign_in):
    make_beneficiary(account=person.account)
    make_specialty()
    query = f"beneficiary={person.uid}&specialty=medicine&consent=yes&complaint=x"
    page = sign_in(person).get(f"/tokens/new?{query}").text
    ticked = re.findall(r'<input type="(?:radio|checkbox)"[^>]*? checked', page)
    assert len(ticked) == 2
    assert not [tag for tag in ticked if "consent" in tag]


@pytest.mark.parametrize("address", ["/tokens/new", "/referrals/requests"])
def test_the_only_person_of_an_account_is_chosen_already(person, sign_in, address):
    page = sign_in(person).get(address).text
    assert re.search(rf'name="beneficiary" value="{person.uid}" checked', page)


@pytest.mark.parametrize("state", ["withdrawn", "over", "used", "another family's"])
def test_what_can_not_be_used_is_not_listed(person, sign_in, now, state):
    fields = {
        "withdrawn": {"cancelled_at": now},
        "over": {"valid_until": now.date() - timedelta(days=1)},
        "used": {"max_consults": 1},
        "another family's": {},
    }
    owner = make_beneficiary() if state == "another family's" else person
    slip = make_referral(owner.entry, **fields[state])
    if state == "used":
        make_visit("completed", beneficiary=person, referral=slip)
    assert standing_in_family(person.account, now.date()) == []


def test_uses_are_counted_together_where_referrals_share_a_limit(person, now):
    first = make_referral(person.entry)
    second = make_referral(person.entry, shares=first, valid_until=first.valid_until + timedelta(days=1))
    make_visit("completed", beneficiary=person, referral=second)
    make_visit("waiting", beneficiary=person, referral=first)
    make_visit("cancelled", beneficiary=person, referral=first)
    assert [line.left for line in standing_in_family(person.account, now.date())] == [4, 4]


def test_a_referral_to_a_private_specialty_is_no_more_than_a_referral_until_a_code_opens_it(person, sign_in, now):
    psychiatry = make_specialty("psychiatry")
    make_referral(person.entry, specialty=psychiatry, reason="Panic at night")
    past = make_visit("completed", beneficiary=person, session=make_session(specialty=psychiatry))
    browser = sign_in(person)
    home, form = browser.get("/home").text, browser.get("/tokens/new").text
    assert ("A referral" in home, "Psychiatry" in home, "Panic" in home) == (True, False, False)
    assert hint_of(form, "psychiatry") == ""
    given = codes.give(person, make_staff("desk"), by=Actor("staff", "desk"), now=now)
    assert browser.submit(f"/visits/{past.uid}/open", {"code": given.code}).status_code == 303
    assert "Referral: Psychiatry" in browser.get("/home").text
    assert hint_of(browser.get("/tokens/new").text, "psychiatry") == LEFT
