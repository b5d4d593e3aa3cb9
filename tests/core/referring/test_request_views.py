"""A family asks for a referral with a photo; the medical officer answers on screen."""

import re
from io import BytesIO

import pytest

from portal.core.records.models import Record
from portal.core.referrals.models import Referral, ReferralRequest
from tests.core.records.papers import jpeg
from tests.factories import (
    make_beneficiary,
    make_centre,
    make_request,
    make_session,
    make_specialty,
    make_staff,
    make_visit,
)
from tests.noted import actor_of, noted

WISH = {"specialty": "medicine", "complaint": "Headache for three days"}


@pytest.fixture
def person(db):
    make_specialty()
    return make_beneficiary(name="Ramesh Kumar", centre=make_centre("01", name="Gole Market"))


@pytest.fixture
def officer(person):
    return make_staff("medical_officer", centre=person.entry.centre)


@pytest.fixture
def asked(person, officer, sign_in, queue) -> ReferralRequest:
    """A request with a photo, that is cleaned."""
    files = {"records": (BytesIO(jpeg()), "knee.jpg")}
    answer = sign_in(person).submit("/referrals/requests", WISH | {"beneficiary": person.uid} | files)
    assert (answer.status_code, answer.location) == (303, "/my/referrals")
    queue.drain()
    return ReferralRequest.get()


def test_the_family_sees_the_request_with_its_photo_until_it_is_answered(asked, person, sign_in):
    page = sign_in(person).get("/my/referrals").text
    assert [
        words for words in ("Headache for three days", "knee.jpg", "waits for an answer") if words not in page
    ] == []
    assert "Asked for a referral: Medicine" in sign_in(person).get("/home").text


def test_all_wrong_fields_are_named_and_the_photo_is_held(person, officer, sign_in):
    browser = sign_in(person)
    answer = browser.submit("/referrals/requests", {"records": (BytesIO(jpeg()), "knee.jpg")})
    assert answer.status_code == 422
    assert [name for name in ("beneficiary", "specialty", "complaint") if f'id="{name}-error"' not in answer.text] == []
    held = re.findall(r'name="held" value="([^"]+)"', answer.text)
    assert len(held) == 1
    browser.submit("/referrals/requests", WISH | {"beneficiary": person.uid, "held": held[0]})
    assert Record.get().request == ReferralRequest.get()


def test_photographs_of_a_request_and_of_a_referral_are_made_smaller_as_those_of_a_visit(person, officer, sign_in):
    for who, path in ((person, "/referrals/requests"), (officer, "/referrals/new"), (person, "/tokens/new")):
        text = sign_in(who).get(path).text
        assert re.search(r'<input type="file" id="records"[^>]* data-records', text), path
        assert re.search(r'<input type="file" id="camera"[^>]* capture="environment" data-records', text), path
        assert "/static/upload.js" in text, path


def test_a_form_that_is_sent_twice_asks_once(person, officer, sign_in):
    browser = sign_in(person)
    form = browser.hidden_fields("/referrals/requests") | WISH | {"beneficiary": person.uid}
    answers = [browser.post("/referrals/requests", data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert ReferralRequest.select().count() == 1


def test_a_person_of_another_family_is_not_asked_for(person, officer, sign_in):
    stranger = make_beneficiary()
    answer = sign_in(stranger).submit("/referrals/requests", WISH | {"beneficiary": person.uid})
    assert answer.status_code == 422
    assert not ReferralRequest.select().exists()


def test_a_refused_token_request_becomes_the_form_of_the_request_with_words_and_photo(person, officer, sign_in):
    wish, browser = WISH | {"beneficiary": person.uid, "consent": "yes"}, sign_in(person)
    refused = browser.submit("/tokens/new", wish | {"records": (BytesIO(jpeg()), "knee.jpg")})
    assert refused.status_code == 422
    assert re.search(r'name="prefill" value="yes"[^>]*formaction="/referrals/requests"', refused.text)
    held = re.findall(r'name="held" value="([^"]+)"', refused.text)
    form = browser.submit("/referrals/requests", wish | {"prefill": "yes", "held": held[0]}, page="/tokens/new")
    assert form.status_code == 200
    assert len(re.findall(r'<input type="radio"[^>]*? checked', form.text)) == 2
    assert (WISH["complaint"] in form.text, f'name="held" value="{held[0]}"' in form.text) == (True, True)
    assert not ReferralRequest.select().exists()


def test_a_link_fills_in_person_and_specialist(person, officer, sign_in):
    form = sign_in(person).get(f"/referrals/requests?beneficiary={person.uid}&specialty=medicine").text
    assert len(re.findall(r'<input type="radio"[^>]*? checked', form)) == 2


def test_the_officer_reads_the_request_and_the_photo_and_the_reading_is_audited(asked, officer, sign_in):
    browser = sign_in(officer)
    listed = browser.get("/referrals/requests").text
    assert ("Ramesh Kumar" in listed, "Waiting (1)" in listed) == (True, True)
    page = browser.get(f"/referrals/requests/{asked.uid}").text
    assert "Headache for three days" in page
    record = Record.get()
    assert f'<img src="/records/{record.uid}"' in page
    assert noted(lambda: browser.get(f"/records/{record.uid}")) == [("RecordRead", actor_of(officer), record.uid)]


def test_an_officer_of_another_centre_finds_neither_request_nor_photo(asked, sign_in):
    stranger = sign_in(make_staff("medical_officer", centre=make_centre("02")))
    assert "Ramesh Kumar" not in stranger.get("/referrals/requests").text
    addresses = (f"/referrals/requests/{asked.uid}", f"/records/{Record.get().uid}")
    assert [stranger.get(address).status_code for address in addresses] == [404, 404]
    page = "/referrals/requests"
    answer = stranger.submit(f"/referrals/requests/{asked.uid}/decline", {"answer": "Not here"}, page=page)
    assert answer.status_code == 404


def test_refer_is_filled_in_from_the_request_and_the_photo_goes_along(asked, officer, person, sign_in, queue):
    browser, address = sign_in(officer), f"/referrals/new?request={asked.uid}"
    form = browser.get(address).text
    told = ("Ramesh Kumar", "Asked by the family", f'name="request" value="{asked.uid}"', "Headache for three days")
    assert [words for words in told if words not in form] == []
    typed = {"ben_id": person.entry.ben_id, "specialty": "medicine", "reason": "Headache", "request": asked.uid}
    assert browser.submit("/referrals/new", typed, page=address).status_code == 303
    queue.drain()
    assert ReferralRequest.get().state == "referred"
    shown = browser.get(f"/referrals/{Referral.get().uid}").text
    assert ("knee.jpg" in shown, f"/records/{Record.get().uid}/remove" in shown) == (True, False)
    doctor = make_staff("doctor")
    visit = make_visit("in_call", beneficiary=person, doctor=doctor, referral=Referral.get(), session=make_session())
    assert "knee.jpg" in sign_in(doctor).get(f"/visits/{visit.uid}/consult").text
    assert sign_in(doctor).get(f"/records/{Record.get().uid}").status_code == 200


def test_an_answer_without_a_referral_reaches_the_family_by_text_and_on_the_page(
    asked, officer, person, sign_in, queue
):
    address = f"/referrals/requests/{asked.uid}"
    typed = {"answer": "Please have your blood pressure taken at the centre first."}
    answer = sign_in(officer).submit(f"{address}/decline", typed, page=address, follow_redirects=True)
    assert "The request is answered" in answer.text
    queue.drain()
    for page in ("/my/referrals", "/home"):
        assert typed["answer"] in sign_in(person).get(page).text
    assert "Ramesh Kumar" in sign_in(officer).get("/referrals/requests?show=answered").text


def test_a_refused_answer_keeps_what_was_typed(asked, officer, sign_in):
    address = f"/referrals/requests/{asked.uid}"
    answer = sign_in(officer).submit(f"{address}/decline", {"answer": "x" * 501}, page=address)
    assert (answer.status_code, "x" * 501 in answer.text) == (422, True)


def test_the_family_withdraws_its_request_and_the_officer_is_told_in_time(asked, officer, person, sign_in):
    browser = sign_in(person)
    notes = noted(lambda: browser.submit(f"/referrals/requests/{asked.uid}/withdraw", page="/my/referrals"))
    assert [what for what, _who, _subject in notes] == ["ReferralRequestWithdrawn"]
    address = f"/referrals/requests/{asked.uid}"
    late = sign_in(officer).submit(f"{address}/decline", {"answer": "Come here"}, page=address)
    assert (late.status_code, "answered or withdrawn already" in late.text) == (409, True)


def test_the_family_removes_the_photo_only_while_nobody_has_answered(asked, officer, person, sign_in, now):
    browser, record = sign_in(person), Record.get()
    address = f"/records/{record.uid}/remove"
    ReferralRequest.update(state="declined").execute()
    assert browser.submit(address, page="/my/referrals").status_code == 409
    ReferralRequest.update(state="open").execute()
    assert browser.submit(address, page="/my/referrals").location == "/my/referrals"
    assert not Record.select().exists()


def test_a_request_for_a_private_specialty_is_no_more_than_a_request_on_the_familys_pages(person, sign_in):
    make_request(person, specialty=make_specialty("psychiatry"), complaint="Panic at night")
    for page in ("/my/referrals", "/home"):
        text = sign_in(person).get(page).text
        assert ("A request for a referral" in text, "Psychiatry" in text, "Panic" in text) == (True, False, False)
