"""The desk takes a token for somebody without a phone, keeps them present and answers the doctor's call."""

import pytest
from lxml import html

from portal.core.visits import calling
from portal.core.visits.models import DeskHelp, Visit
from portal.work.audit import SYSTEM
from tests.factories import (
    make_beneficiary,
    make_centre,
    make_duty,
    make_entry,
    make_referral,
    make_session,
    make_specialty,
    make_staff,
    make_visit,
)


def duty_of(visit):
    """A doctor on duty in the session of a visit."""
    doctor = make_staff("doctor")
    make_duty(doctor, visit.session)
    return doctor


WISH = {"specialty": "medicine", "complaint": "Knee pain", "way": "present", "consent": "yes"}


@pytest.fixture
def person(db):
    """A registered person of centre 01 with a referral, while tokens are given."""
    make_session()
    found = make_beneficiary()
    make_referral(found.entry)
    return found


def ask(desk, person, **fields):
    page = f"/desk/tokens/new?person={person.uid}"
    return desk.submit("/desk/tokens/new", WISH | {"person": person.uid} | fields, page=page)


def test_the_desk_takes_a_token_and_the_person_counts_as_here(desk, person, now):
    assert ask(desk, person).location.endswith("/desk/tokens")
    visit = Visit.get()
    assert (visit.beneficiary, visit.complaint, DeskHelp.get().way) == (person, "Knee pain", "present")
    assert (visit.here_until - now).total_seconds() == 15 * 60
    listed = desk.get("/desk/tokens").text
    assert visit.token in listed
    assert "here until" in listed


@pytest.mark.parametrize(
    ("fields", "field"), [({"way": ""}, "way"), ({"complaint": ""}, "complaint"), ({"specialty": "eye"}, "specialty")]
)
def test_a_token_form_with_a_mistake_takes_none(desk, person, fields, field):
    answer = ask(desk, person, **fields)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert Visit.select().count() == DeskHelp.select().count() == 0


def test_every_mistake_of_the_token_form_is_said_at_once(desk, person):
    answer = ask(desk, person, way="", complaint="")
    assert 'id="way-error"' in answer.text
    assert 'id="complaint-error"' in answer.text


def test_a_desk_without_a_number_says_so_to_the_doctor(sign_in, person):
    browser = sign_in(make_staff("desk"))
    ask(browser, person)
    visit, doctor = Visit.get(), make_staff("doctor")
    make_duty(doctor, visit.session)
    board = sign_in(doctor)
    board.submit("/board/next", page="/board")
    assert "No number of that desk is known here" in board.get(f"/visits/{visit.uid}/consult").text


def test_a_second_token_for_the_same_person_is_refused(desk, person):
    assert ask(desk, person).status_code == 303
    again = ask(desk, person)
    assert again.status_code == 409
    assert "This person has token MED-001 already" in again.text
    assert f'href="/desk/tokens/{Visit.get().uid}"' in again.text
    assert Visit.select().count() == 1


def test_a_token_that_the_family_took_itself_has_no_link_for_the_desk(desk, person):
    make_visit("waiting", beneficiary=person)
    again = ask(desk, person)
    assert (again.status_code, "This person has token" in again.text) == (409, True)
    assert f"/desk/tokens/{Visit.get().uid}" not in again.text


def test_the_desk_says_that_somebody_still_waits(desk, person, clock):
    ask(desk, person)
    visit = Visit.get()
    clock.tick(10 * 60)
    desk.get("/desk/tokens")  # the sign-in goes on
    clock.tick(6 * 60)
    assert "not here" in desk.get("/desk/tokens").text
    assert desk.submit(f"/desk/tokens/{visit.uid}/here", page="/desk/tokens").status_code == 303
    assert "here until" in desk.get("/desk/tokens").text


def test_the_desk_answers_the_call_and_the_doctor_is_told_where_to_phone(desk, sign_in, person, now):
    ask(desk, person)
    visit, doctor = Visit.get(), make_staff("doctor")
    make_duty(doctor, visit.session)
    board = sign_in(doctor)
    assert board.submit("/board/next", page="/board").status_code == 303
    assert "The person answers" in desk.get("/desk/tokens").text
    assert desk.submit(f"/desk/tokens/{visit.uid}/call", page="/desk/tokens").status_code == 303
    assert Visit.get().state == "in_call"
    consult = board.get(f"/visits/{visit.uid}/consult").text
    assert "of its desk helps" in consult
    assert "23456789" not in consult
    shown = board.submit(f"/visits/{visit.uid}/mode", {"mode": "phone"}, page=f"/visits/{visit.uid}/consult")
    assert shown.status_code == 303
    assert "011-23456789" in board.get(f"/visits/{visit.uid}/consult").text


def test_a_call_that_is_over_cannot_be_answered(desk, person, clock, now):
    ask(desk, person)
    visit, doctor = Visit.get(), make_staff("doctor")
    make_duty(doctor, visit.session)
    calling.call_next(doctor, visit.session, by=SYSTEM, now=now)
    clock.tick(600)
    desk.submit(f"/desk/tokens/{visit.uid}/call", page="/desk/tokens")
    assert Visit.get().state != "in_call"


def test_another_centres_desk_can_neither_see_nor_answer(desk, sign_in, person):
    ask(desk, person)
    other = sign_in(make_staff("desk", centre=make_centre("02")))
    visit = Visit.get()
    assert visit.token not in other.get("/desk/tokens").text
    for step in ("here", "call"):
        assert other.submit(f"/desk/tokens/{visit.uid}/{step}", page="/desk/tokens").status_code == 404


def test_nobody_of_another_centre_gets_a_token(desk, person):
    other = make_beneficiary(entry=make_entry(centre=make_centre("02")))
    make_referral(other.entry)
    assert ask(desk, other).status_code == 404
    assert Visit.select().count() == 0


def test_a_ringing_call_shows_on_every_page_of_the_desk(desk, sign_in, person, now):
    assert 'id="call-bar"' not in desk.get("/desk/people").text
    ask(desk, person)
    assert "is calling" not in desk.get("/desk/people").text
    calling.call_next(duty_of(Visit.get()), Visit.get().session, by=SYSTEM, now=now)
    for address in ("/desk", "/desk/people", "/announcements", "/desk/calls"):
        assert f"The doctor is calling {person.name}" in desk.get(address).text
    assert 'id="call-bar"' not in desk.get("/desk/tokens").text
    other = sign_in(make_staff("desk", centre=make_centre("02")))
    assert "is calling" not in other.get("/desk/people").text
    assert other.get("/desk/calls").text == ""


def test_a_call_that_is_over_is_said_to_the_desk_and_not_to_the_patient(desk, person):
    ask(desk, person)
    answer = desk.submit(f"/desk/tokens/{Visit.get().uid}/call", page="/desk/tokens", follow_redirects=True)
    assert "press “Still here”" in answer.text
    assert "calling you" not in answer.text


def test_the_form_says_beforehand_which_referral_there_is_and_where_one_is_needed(desk, person):
    make_specialty("eye")
    make_specialty("psychiatry")
    page = html.fromstring(desk.get(f"/desk/tokens/new?person={person.uid}").text)
    said = {
        box.get("value"): " ".join(box.getparent().text_content().split())
        for box in page.iter("input")
        if box.name == "specialty"
    }
    assert "until" in said["medicine"]
    assert "needs a referral, and has none" in said["eye"]
    assert said["psychiatry"] == "Psychiatry"


def test_without_a_referral_and_without_consent_the_desk_is_spoken_to(desk, person):
    make_specialty("eye")
    assert f"{person.name} has no referral to this specialist" in ask(desk, person, specialty="eye").text
    refused = ask(desk, person, consent="").text
    assert "Ask the person" in refused
    assert "treat you" not in refused
