"""The offer of a PIN with a first private token: asked once, in the sign-in that asked; then no OTP alone is enough."""

from datetime import date

import pytest

from portal.core.accounts import otp, sign_ins
from portal.core.accounts.models import OtpChallenge
from portal.core.beneficiaries.models import RegisterEntry
from portal.core.privacy import codes, offers
from portal.core.privacy.models import Pin, PinOffer
from portal.core.visits.models import Visit
from portal.work.audit import SYSTEM, AuditRow
from tests.factories import (
    make_beneficiary,
    make_referral,
    make_session,
    make_specialty,
    make_staff,
    make_visit,
)

PIN = "736152"
QUESTION = "be able to open this visit afterwards?"


@pytest.fixture
def person(db):
    """An adult with referrals to psychiatry and medicine, who was never with a psychiatrist."""
    found = make_beneficiary()
    for code in ("psychiatry", "medicine"):
        make_referral(found.entry, specialty=make_specialty(code))
    return found


def asked(browser, person, specialty="psychiatry") -> str:
    """Ask for a token by the page; returns the address of the visit."""
    form = {"beneficiary": person.uid, "specialty": specialty, "complaint": "Cannot sleep", "consent": "yes"}
    answer = browser.submit("/tokens/new", form)
    assert answer.status_code == 303, answer.text
    return answer.location


def put(browser, person, *, page=""):
    """Set a PIN by the page with a fresh OTP; returns the answer."""
    page = page or f"/people/{person.uid}/pin"
    OtpChallenge.delete().execute()
    if browser.submit(f"{page}/otp", {}, page="/home").status_code != 303:
        return browser.get(page)
    form = {"otp": otp.code_of(OtpChallenge.get()), "pin": PIN, "pin_again": PIN}
    return browser.submit(page, form, page=page)


def test_a_first_private_token_asks_one_question_and_a_pin_answers_it(person, sign_in):
    family = sign_in(person)
    visit = asked(family, person)
    shown = family.get(visit).text
    assert QUESTION in shown
    assert f"/people/{person.uid}/pin" in shown
    assert put(family, person).status_code == 303
    assert (Pin.select().count(), PinOffer.select().count()) == (1, 0)
    assert visit in family.get(f"/people/{person.uid}/pin").text, "the way back to the token"
    assert QUESTION not in family.get(visit).text


def test_the_question_is_asked_in_hindi(person, sign_in):
    family = sign_in(person)
    visit = asked(family, person)
    family.get("/lang/hi")
    assert "छह अंकों के पिन" in family.get(visit).text


def test_a_token_of_another_specialty_asks_nothing(person, sign_in):
    family = sign_in(person)
    assert QUESTION not in family.get(asked(family, person, "medicine")).text
    assert PinOffer.select().count() == 0


def test_a_minor_is_asked_nothing(person, sign_in):
    RegisterEntry.update(date_of_birth=date(2015, 5, 5)).execute()
    family = sign_in(person)
    assert QUESTION not in family.get(asked(family, person)).text


def test_it_may_be_skipped_and_then_the_familys_otp_sets_no_pin(person, sign_in):
    family = sign_in(person)
    visit = asked(family, person)
    answer = family.submit(f"/people/{person.uid}/pin/no", {}, page=visit)
    assert (answer.status_code, answer.location) == (303, visit)
    assert QUESTION not in family.get(visit).text
    assert "open the private visits first" in put(family, person).text
    assert Pin.select().count() == 0
    family.submit(f"/people/{person.uid}/pin/no", {}, page=visit)
    assert AuditRow.select().where(AuditRow.action == "PinDeclined").count() == 1


def test_another_sign_in_of_the_shared_phone_cannot_set_it_meanwhile(person, sign_in):
    visit = asked(sign_in(person), person)
    other = sign_in(person)
    assert QUESTION not in other.get(visit).text
    assert "open the private visits first" in put(other, person).text
    assert Pin.select().count() == 0


def test_the_offer_ends_after_a_quarter_of_an_hour(person, sign_in, clock):
    family = sign_in(person)
    visit = asked(family, person)
    clock.tick(offers.OPEN_FOR.total_seconds())
    assert QUESTION not in family.get(visit).text
    assert "open the private visits first" in put(family, person).text


def test_during_the_visit_a_code_of_the_doctor_or_desk_leads_to_a_pin(person, sign_in, now):
    asker = sign_in(person)
    visit = asked(asker, person)
    family, page = sign_in(person), f"/people/{person.uid}/pin"
    assert f"{visit}/open" in family.get(page).text
    assert family.get(f"{visit}/open").status_code == 200
    assert family.submit(f"{visit}/open", {"code": "000000"}).status_code == 422
    given = codes.give(person, make_staff("desk"), by=SYSTEM, now=now)
    answer = family.submit(f"{visit}/open", {"code": given.code})
    assert (answer.status_code, answer.location) == (303, page)
    assert put(family, person).status_code == 303
    assert Pin.select().count() == 1
    assert QUESTION not in asker.get(visit).text, "the question is answered in every sign-in"
    assert "open the private visits first" in put(asker, person).text


def test_a_pin_that_somebody_set_before_is_told_and_can_be_replaced(person, sign_in, clock):
    other, family = sign_in(person), sign_in(person)
    assert put(other, person).status_code == 303
    before = Pin.get().pin_hash
    clock.tick(120)  # the next OTP may be sent
    visit = asked(family, person)
    assert "A PIN was set on" in family.get(visit).text
    assert put(family, person).status_code == 303
    assert Pin.get().pin_hash != before
    assert "open the private visits first" in put(other, person).text


def test_a_second_private_token_asks_nothing(person, sign_in):
    make_visit("cancelled", session=make_session(specialty=make_specialty("psychiatry")), beneficiary=person)
    family = sign_in(person)
    assert QUESTION not in family.get(asked(family, person)).text
    assert "open the private visits first" in put(family, person).text


def test_the_question_is_not_beside_a_call(person, sign_in):
    family = sign_in(person)
    visit = asked(family, person)
    Visit.update(state="writing").execute()
    assert QUESTION not in family.get(visit).text


def test_another_familys_offer_is_not_found(person, sign_in):
    other = sign_in(make_beneficiary())
    assert other.submit(f"/people/{person.uid}/pin/no", {}, page="/home").status_code == 404


def test_old_offers_are_swept(person, now):
    row = sign_ins.start(account=person.account, now=now).row
    offers.offer(person, row, now=now)
    codes.sweep_codes(now + codes.KEPT_FOR)
    assert offers.is_open(person, row, now)
    codes.sweep_codes(now + codes.KEPT_FOR * 2)
    assert PinOffer.select().count() == 0
