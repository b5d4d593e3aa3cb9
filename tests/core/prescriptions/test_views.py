"""Public verification of a prescription."""

from datetime import datetime, timedelta

import pytest

from portal.core.prescriptions.models import PrescribedItem, Prescription
from tests.consulting import make_prescription
from tests.factories import make_beneficiary, make_visit


@pytest.fixture
def issued(db: None, now: datetime) -> Prescription:
    """A prescription of a person whose every detail is unique text."""
    person = make_beneficiary(name="Ramesh Kumar", ben_id="7654321", mobile="+919876543210", address="12 Canary Street")
    return make_prescription(now, make_visit("in_call", beneficiary=person))


def test_a_genuine_one_shows_number_date_status_doctor_and_initials_only(client, issued: Prescription) -> None:
    text = client.get(f"/rx/{issued.code}").get_data(as_text=True)
    assert all(word in text for word in ("genuine", issued.number, "Valid", "DMC-1234", "R.K.", "23 Nov 2026"))
    person = issued.beneficiary
    secret = ("Ramesh", "Kumar", "7654321", "9876543210", "Canary", "Paracetamol", "headache", person.patient_id)
    assert not [word for word in secret if word in text]


def test_the_code_is_accepted_in_any_case_without_dashes(client, issued: Prescription) -> None:
    for typed in (issued.code.lower(), issued.code.replace("-", "")):
        assert issued.number in client.get(f"/rx/{typed}").get_data(as_text=True)


def test_an_unknown_code_gets_a_page_that_says_so(client, issued: Prescription) -> None:
    for typed in ("0000-0000-0000-0000", "x", "%F0%9F%98%80", "a" * 300, issued.number, issued.uid):
        answer = client.get(f"/rx/{typed}")
        assert answer.status_code == 200
        assert "not valid" in answer.get_data(as_text=True)


def test_guessing_codes_has_a_rate_limit_that_also_stops_the_right_code(client, issued: Prescription, clock) -> None:
    for number in range(10):
        assert client.get(f"/rx/{number}").status_code == 200
    blocked = client.get(f"/rx/{issued.code}")
    assert (blocked.status_code, blocked.headers["Retry-After"]) == (429, "60")
    clock.tick(61)
    assert client.get(f"/rx/{issued.code}").status_code == 200


def test_right_codes_have_no_rate_limit(client, issued: Prescription) -> None:
    assert {client.get(f"/rx/{issued.code}").status_code for _ in range(15)} == {200}


def test_the_status_follows_events(client, issued: Prescription, clock) -> None:
    PrescribedItem.update(dispensed=PrescribedItem.quantity).execute()
    assert "All medicines given" in client.get(f"/rx/{issued.code}").get_data(as_text=True)
    PrescribedItem.update(dispensed=0).execute()
    clock.set(clock.now() + timedelta(days=181))
    assert "Expired" in client.get(f"/rx/{issued.code}").get_data(as_text=True)
    Prescription.update(cancelled_at=clock.now()).execute()
    assert "Cancelled" in client.get(f"/rx/{issued.code}").get_data(as_text=True)
