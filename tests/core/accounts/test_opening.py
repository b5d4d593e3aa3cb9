"""What people are told while nobody can be treated yet."""

from portal.core.accounts.models import Staff
from portal.settings.clinic import PageWords
from portal.settings.stored import store
from tests.factories import make_beneficiary, make_staff

SENTENCE = "The clinic is not open yet"


def test_sign_in_and_home_tell_the_truth_until_a_doctor_is_there(client, sign_in, clock):
    family = sign_in(make_beneficiary())
    assert SENTENCE in client.get("/login").text
    assert SENTENCE in family.get("/home").text
    assert "1800-208-8900" not in client.get("/login").text.split(SENTENCE)[1].split("</")[0]
    store(PageWords, "helpline", "011-23061234")
    assert "Please call 011-23061234 to learn when it opens" in client.get("/login").text
    make_staff("doctor")
    assert SENTENCE not in client.get("/login").text
    assert SENTENCE not in family.get("/home").text


def test_a_doctor_without_registration_number_or_disabled_opens_no_clinic(client, now):
    make_staff("doctor", registration_number="")
    make_staff("doctor", disabled_at=now)
    assert SENTENCE in client.get("/login").text


def test_a_clinic_that_has_opened_is_not_asked_about_again(client, now):
    make_staff("doctor")
    client.get("/login")
    Staff.update(disabled_at=now).execute()
    assert SENTENCE not in client.get("/login").text


def test_without_a_sender_a_clinic_that_never_opened_promises_no_place(client):
    page = client.get("/login").text
    assert SENTENCE in page
    assert "Your token and your place are safe" not in page
    make_staff("doctor")
    assert "Your token and your place are safe" in client.get("/login").text
