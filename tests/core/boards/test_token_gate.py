"""A plugin refuses a token with words, in the web and at the desk; urgent ones and its failures go through."""

import pytest

from portal.contracts import Refusal
from portal.core.visits.models import Visit
from tests.factories import make_beneficiary, make_referral, make_staff
from tests.fakes import install_plugin

WORDS = "The fee of this month is open. Pay it, then ask again."


@pytest.fixture
def asked(app, db):
    """A plugin that refuses everybody; lists what it was asked."""
    wishes = []

    def refuse(wish, now):
        wishes.append(wish)
        return Refusal(WORDS, "/x/cashier/pay", "Pay the fee")

    install_plugin(app, "cashier", token_gate=refuse)
    return wishes


@pytest.fixture
def patient(db):
    return make_beneficiary()


def form_of(person):
    return {"beneficiary": person.uid, "specialty": "medicine", "complaint": "Fever for two days", "consent": "yes"}


def test_the_patient_reads_why_and_where_to_go_on_and_nothing_is_written(asked, patient, sign_in):
    make_referral(patient.entry)
    answer = sign_in(patient).submit("/tokens/new", form_of(patient))
    assert answer.status_code == 409
    assert WORDS in answer.text
    assert 'href="/x/cashier/pay"' in answer.text
    assert Visit.select().count() == 0
    (wish,) = asked
    assert (wish.ben_id, wish.specialty, wish.way) == (patient.entry.ben_id, "medicine", "referral")


def test_an_urgent_referral_is_not_asked_about(asked, patient, sign_in):
    make_referral(patient.entry, urgent=True)
    assert sign_in(patient).submit("/tokens/new", form_of(patient)).status_code == 303
    assert asked == []


def test_who_has_no_referral_is_not_asked_about(asked, patient, sign_in):
    assert sign_in(patient).submit("/tokens/new", form_of(patient)).status_code == 422
    assert asked == []


def test_a_plugin_that_fails_refuses_nobody(app, patient, sign_in):
    def explode(wish):
        raise RuntimeError

    install_plugin(app, "bad", token_gate=explode)
    make_referral(patient.entry)
    assert sign_in(patient).submit("/tokens/new", form_of(patient)).status_code == 303


def test_the_desk_reads_it_too(asked, patient, sign_in):
    make_referral(patient.entry)
    desk = sign_in(make_staff("desk", centre=patient.entry.centre))
    form = {"person": patient.uid, "way": "present", **form_of(patient)}
    answer = desk.submit("/desk/tokens/new", form, page=f"/desk/tokens/new?person={patient.uid}")
    assert answer.status_code == 409
    assert WORDS in answer.text
    assert Visit.select().count() == 0
