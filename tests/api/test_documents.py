"""Documents and consents for plugins."""

import pytest

from portal.api import documents
from portal.base.errors import NotFound
from portal.core.beneficiaries.consents import SHARING, set_consent
from portal.core.beneficiaries.models import Consent
from portal.work.audit import SYSTEM
from tests.factories import make_beneficiary, make_visit


def test_a_consent_is_valid_until_withdrawn(db, now):
    person = make_beneficiary()
    assert not documents.has_agreed(person.uid, documents.SHARING)
    set_consent(person, SHARING, True, by=SYSTEM, language="en", now=now)
    assert documents.has_agreed(person.uid, documents.SHARING)
    set_consent(person, SHARING, False, by=SYSTEM, language="en", now=now)
    assert not documents.has_agreed(person.uid, documents.SHARING)
    uid = documents.give_consent(person.uid, "elsewhere", by=SYSTEM, language="hi", now=now)
    assert Consent.get(Consent.uid == uid).language == "hi"
    assert documents.has_agreed(person.uid, "elsewhere")


def test_an_unknown_person_has_no_consent(db, now):
    assert not documents.has_agreed("nobody", documents.SHARING)
    with pytest.raises(NotFound):
        documents.give_consent("nobody", "elsewhere", by=SYSTEM, language="hi", now=now)


def test_a_visit_without_prescription_has_no_document(db):
    visit = make_visit("completed")
    for account in (visit.beneficiary.account.uid, "nobody"):
        with pytest.raises(NotFound):
            documents.issued_to(account, visit.uid)
