"""The check of referrals before a token: the refusal says exactly why and what to do."""

from datetime import date, timedelta

import pytest

from portal.base.errors import Invalid
from portal.core.referrals.checks import EXEMPT_AGE, gate, uses
from portal.settings.clinic import put
from tests.factories import make_beneficiary, make_centre, make_entry, make_referral, make_specialty, make_visit


@pytest.fixture
def entry(db):
    return make_entry(centre=make_centre("01", name="Gole Market"))


def refusal(entry, now, specialty=None) -> str:
    with pytest.raises(Invalid) as refused:
        gate(entry, specialty or make_specialty(), now)
    return refused.value.fields["specialty"]


def test_a_valid_referral_permits_a_token(entry, now):
    referral = make_referral(entry, urgent=True)
    passed = gate(entry, make_specialty(), now)
    assert (passed.referral, passed.exemption, passed.urgent) == (referral, "", True)


def test_without_a_referral_the_refusal_names_centre_and_age(entry, now):
    sentence = refusal(entry, now)
    assert "no referral for this specialist" in sentence
    assert "01 Gole Market" in sentence
    assert "70" in sentence


def test_a_referral_for_another_specialist_does_not_count(entry, now):
    make_referral(entry, specialty=make_specialty("eye"))
    assert "no referral" in refusal(entry, now)


def test_a_referral_is_valid_on_its_last_day_and_not_after(entry, now):
    make_referral(entry, valid_until=now.date())
    assert gate(entry, make_specialty(), now).referral
    assert "was valid until" in refusal(entry, now + timedelta(days=1))


def test_a_referral_is_used_up_by_its_last_consultation(entry, now):
    person, referral = make_beneficiary(entry=entry), make_referral(entry, max_consults=2)
    for _ in range(2):
        make_visit("completed", beneficiary=person, referral=referral)
    assert "used up: it was for 2" in refusal(entry, now)


@pytest.mark.parametrize("state", ["cancelled", "expired", "no_show", "carried"])
def test_only_a_completed_visit_uses_up_the_referral(entry, now, state):
    person, referral = make_beneficiary(entry=entry), make_referral(entry, max_consults=1)
    make_visit(state, beneficiary=person, referral=referral)
    assert uses(referral) == 0
    assert gate(entry, make_specialty(), now).referral == referral


def test_a_withdrawn_referral_does_not_count(entry, now):
    make_referral(entry, cancelled_at=now)
    assert "no referral" in refusal(entry, now)


@pytest.mark.parametrize(
    ("born", "exempt"), [(date(1956, 11, 23), True), (date(1956, 11, 24), False), (date(1940, 1, 1), True)]
)
def test_no_referral_is_needed_from_the_exempt_age(db, now, born, exempt):
    person = make_entry(date_of_birth=born)
    if exempt:
        assert gate(person, make_specialty(), now).exemption == EXEMPT_AGE
    else:
        assert refusal(person, now)


def test_the_exempt_age_is_a_setting(entry, now):
    put("referral_exempt_age", "41")
    assert gate(entry, make_specialty(), now).exemption == EXEMPT_AGE


def test_the_referral_that_expires_first_is_used_first(entry, now):
    make_referral(entry, valid_until=now.date() + timedelta(days=60))
    sooner = make_referral(entry, valid_until=now.date() + timedelta(days=5))
    assert gate(entry, make_specialty(), now).referral == sooner
