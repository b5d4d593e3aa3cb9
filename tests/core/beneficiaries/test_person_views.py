"""ABHA is set and removed, the consent to share given and withdrawn, on a person's page."""

from portal.core.beneficiaries.consents import SHARING, current_consent
from portal.core.beneficiaries.models import Beneficiary, Consent
from portal.work.audit import AuditRow
from tests.factories import make_beneficiary, make_session
from tests.noted import actor_of, noted


def test_the_consent_to_share_is_given_and_withdrawn_and_both_are_audited(sign_in, db):
    person = make_beneficiary()
    browser, page = sign_in(person), f"/people/{person.uid}"
    assert current_consent(person, SHARING) is None
    for typed in ({"sharing": "yes"}, {"sharing": "yes"}, {}):
        assert browser.submit(page, typed).status_code == 303
    assert current_consent(person, SHARING) is None
    (kept,) = Consent.select().where(Consent.purpose == SHARING)
    assert kept.withdrawn_at is not None
    actions = [row.action for row in AuditRow.select().where(AuditRow.subject == person.uid).order_by(AuditRow.id)]
    assert actions == ["ConsentGiven", "ConsentWithdrawn"]


def test_abha_is_set_changed_and_removed(sign_in, db):
    person = make_beneficiary()
    browser, page = sign_in(person), f"/people/{person.uid}"
    typed = {"abha_number": "91-1234-5678-9012", "abha_address": "ramesh@abdm"}
    assert noted(lambda: browser.submit(page, typed)) == [("AbhaChanged", actor_of(person.account), person.uid)]
    assert noted(lambda: browser.submit(page, typed)) == []
    kept = Beneficiary.get_by_id(person.id)
    assert (kept.abha_number, kept.abha_address) == ("91123456789012", "ramesh@abdm")
    assert 'value="91-1234-5678-9012"' in browser.get(page).text
    browser.submit(page, {})
    assert Beneficiary.get_by_id(person.id).abha_number is None


def test_every_wrong_field_is_named_and_nothing_changes(sign_in, db):
    person = make_beneficiary()
    typed = {"abha_number": "12", "abha_address": "x", "sharing": "yes"}
    answer = sign_in(person).submit(f"/people/{person.uid}", typed)
    assert answer.status_code == 422
    assert "14 digits" in answer.text
    assert "name@abdm" in answer.text
    assert current_consent(person, SHARING) is None


def test_another_accounts_person_gets_404(sign_in, db):
    browser, other = sign_in(make_beneficiary()), make_beneficiary()
    assert browser.get(f"/people/{other.uid}").status_code == 404
    assert browser.submit(f"/people/{other.uid}", {"sharing": "yes"}, page="/help").status_code == 404


def test_an_older_birth_date_sent_along_opens_no_token_without_a_referral(sign_in, db, now):
    """S08: who is old enough needs no referral, and the birth date is the register's."""
    person, specialty = make_beneficiary(), make_session().specialty
    browser, page, born = sign_in(person), f"/people/{person.uid}", person.entry.date_of_birth
    older = {"date_of_birth": "1930-01-01", "date_of_birth-month": "1", "date_of_birth-year": "1930", "entry": "1"}
    assert browser.submit(page, older | {"sharing": "yes"}).status_code == 303
    assert type(person.entry).get_by_id(person.entry.id).date_of_birth == born
    wish = {"beneficiary": person.uid, "specialty": specialty.code, "complaint": "Fever", "consent": "yes"}
    refused = browser.submit("/tokens/new", wish | older)
    assert refused.status_code == 422
    assert "no referral for this specialist" in refused.text
    assert type(person.entry).get_by_id(person.entry.id).date_of_birth == born
