"""The page of consents: listed, withdrawn as easily as given, and what follows."""

import pytest

from portal.base.errors import Conflict
from portal.core.beneficiaries.consents import (
    CONSULTATION,
    GIVEN_NAMED,
    REGISTRATION,
    SHARING,
    current_consent,
    has_withdrawn,
    set_consent,
)
from portal.core.beneficiaries.models import Consent
from portal.core.beneficiaries.services import give_consent
from portal.core.referrals.checks import Gate
from portal.core.visits.models import Visit
from portal.core.visits.services import request_token
from portal.work.audit import SYSTEM, AuditRow
from tests.factories import make_beneficiary, make_session, make_specialty, make_visit


@pytest.fixture
def person(db, now):
    person = make_beneficiary()
    for purpose in (REGISTRATION, CONSULTATION, CONSULTATION):
        give_consent(person, purpose, by=SYSTEM, language="en", now=now)
    set_consent(person, SHARING, True, by=SYSTEM, language="en", now=now)
    return person


def change(browser, person, purpose, **more):
    return browser.submit("/my/consents", {"beneficiary": person.uid, "purpose": purpose} | more)


def test_every_consent_is_listed_with_its_day_and_version(person, sign_in):
    page = sign_in(person).get("/my/consents").get_data(as_text=True)
    told = ("Ramesh Kumar", "kept and used", "treated by telephone", "health-record system", "2026-12", "given 2 times")
    assert [words for words in told if words not in page] == []


def test_a_consent_is_withdrawn_with_one_button_and_stays_on_record(person, sign_in, now):
    assert change(sign_in(person), person, SHARING).status_code == 303
    assert current_consent(person, SHARING) is None
    row = Consent.get((Consent.beneficiary == person) & (Consent.purpose == SHARING))
    assert row.withdrawn_at == now
    assert AuditRow.select().where(AuditRow.action == "ConsentWithdrawn").count() == 1
    assert change(sign_in(person), person, SHARING).status_code == 303
    assert AuditRow.select().where(AuditRow.action == "ConsentWithdrawn").count() == 1


def test_the_whole_family_of_consents_to_treatment_is_withdrawn_at_once(person, sign_in):
    change(sign_in(person), person, CONSULTATION)
    assert has_withdrawn(person, CONSULTATION)


def test_without_the_consent_to_keep_data_there_is_no_token_until_it_is_given_again(person, sign_in, now):
    specialty, gate = make_specialty(), Gate(None, "EXEMPT_AGE", urgent=False)
    make_session()
    browser = sign_in(person)
    change(browser, person, REGISTRATION)
    with pytest.raises(Conflict) as error:
        request_token(person, specialty, "Headache", gate=gate, by=SYSTEM, now=now)
    assert "consent" in str(error.value)
    assert change(browser, person, REGISTRATION, agreed="yes").status_code == 303
    assert not has_withdrawn(person, REGISTRATION)


def test_a_token_is_cancelled_before_its_consent_is_withdrawn(person, sign_in):
    visit, browser = make_visit(beneficiary=person), sign_in(person)
    for purpose in (REGISTRATION, CONSULTATION):
        assert change(browser, person, purpose).status_code == 409
        assert current_consent(person, purpose)
    assert change(browser, person, SHARING).status_code == 303
    Visit.update(state="cancelled", live_key=None).where(Visit.id == visit.id).execute()
    assert change(browser, person, REGISTRATION).status_code == 303


def test_other_consents_are_given_where_they_are_needed(person, sign_in):
    browser = sign_in(person)
    change(browser, person, SHARING)
    assert change(browser, person, SHARING, agreed="yes").status_code == 422
    assert current_consent(person, SHARING) is None


def test_a_consent_to_the_earlier_text_says_what_todays_would_add_and_is_widened_once(person, sign_in):
    Consent.update(version="2026-11").where(Consent.purpose == SHARING).execute()
    browser = sign_in(person)
    page = browser.get("/my/consents").get_data(as_text=True)
    assert "My prescriptions and notes are sent" in page
    assert "Agree to that too" in page
    assert "which did not name the medicines given" in browser.get(f"/people/{person.uid}").get_data(as_text=True)
    for _time in range(2):
        assert change(browser, person, SHARING, agreed="yes").status_code == 303
    assert current_consent(person, SHARING, named_in=GIVEN_NAMED)
    assert Consent.select().where(Consent.purpose == SHARING).count() == 2
    assert AuditRow.select().where(AuditRow.action == "ConsentGiven").count() == 2
    assert "Agree to that too" not in browser.get("/my/consents").get_data(as_text=True)
    change(browser, person, SHARING)
    assert current_consent(person, SHARING) is None


def test_nobody_withdraws_for_another_family_or_what_was_never_given(person, sign_in):
    assert change(sign_in(make_beneficiary()), person, SHARING).status_code == 404
    assert change(sign_in(person), person, "anything").status_code == 404
    assert current_consent(person, SHARING)
