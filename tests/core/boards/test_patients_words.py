"""More time for a call, once; and feedback, which no doctor sees."""

from datetime import timedelta

import pytest

from portal.base.errors import Conflict
from portal.core.visits import calling, feedback
from portal.core.visits.models import Feedback, Visit
from portal.settings.clinic import put
from portal.work.audit import SYSTEM
from tests.factories import make_beneficiary, make_staff, make_visit


@pytest.fixture
def called(db):
    return make_visit("called", beneficiary=make_beneficiary())


def say(browser, visit, **fields):
    return browser.submit(f"/visits/{visit.uid}/feedback", fields, page=f"/visits/{visit.uid}")


def test_the_deadline_of_a_call_is_extended_once(called, sign_in):
    browser, page = sign_in(called.beneficiary), f"/visits/{called.uid}"
    assert "I need more time" in browser.get(page).text
    assert browser.submit(f"{page}/more-time", page=page).status_code == 303
    assert Visit.get().call_deadline == called.call_deadline + timedelta(seconds=60)
    assert "I need more time" not in browser.get(page).text
    assert browser.submit(f"{page}/more-time", page=page).status_code == 409
    assert Visit.get().call_deadline == called.call_deadline + timedelta(seconds=60)


def test_only_a_call_before_its_deadline_is_extended(called, clock):
    with pytest.raises(Conflict):
        calling.give_more_time(make_visit(), by=SYSTEM, now=clock.now())
    with pytest.raises(Conflict):
        calling.give_more_time(called, by=SYSTEM, now=clock.tick(120))


def test_of_two_concurrent_requests_for_more_time_one_conflicts(called, now):
    other = Visit.get()
    calling.give_more_time(called, by=SYSTEM, now=now)
    with pytest.raises(Conflict):
        calling.give_more_time(other, by=SYSTEM, now=now)
    assert Visit.get().call_deadline == now + timedelta(seconds=180)


def test_the_administrator_may_allow_no_more_time(called, sign_in, now):
    put("more_time_seconds", "0")
    assert "I need more time" not in sign_in(called.beneficiary).get(f"/visits/{called.uid}").text
    with pytest.raises(Conflict):
        calling.give_more_time(called, by=SYSTEM, now=now)


def test_feedback_can_be_changed_for_a_day(sign_in, db, clock):
    visit = make_visit("completed", beneficiary=make_beneficiary())
    browser = sign_in(visit.beneficiary)
    assert "How was your consultation?" in browser.get(f"/visits/{visit.uid}").text
    assert say(browser, visit, rating="good", text="Kind doctor").status_code == 303
    assert say(browser, visit, rating="ok", text="").status_code == 303
    assert [(row.rating, row.text) for row in Feedback.select()] == [("ok", "")]
    with pytest.raises(Conflict):
        feedback.give(visit, "bad", "", by=SYSTEM, now=clock.tick(86_400))
    assert [(row.rating, row.text) for row in Feedback.select()] == [("ok", "")]


@pytest.mark.parametrize("fields", [{"rating": "6"}, {}, {"rating": "good", "text": "x" * 501}])
def test_wrong_feedback_is_refused_with_the_input_kept(sign_in, db, fields):
    visit = make_visit("completed", beneficiary=make_beneficiary())
    answer = say(sign_in(visit.beneficiary), visit, **fields)
    assert (answer.status_code, Feedback.select().count()) == (422, 0)
    assert fields.get("text", "") in answer.text


def test_feedback_that_comes_too_late_is_shown_again_to_be_copied(sign_in, now):
    visit = make_visit("completed", beneficiary=make_beneficiary())
    feedback.give(visit, "ok", "", by=SYSTEM, now=now - timedelta(days=2))
    answer = say(sign_in(visit.beneficiary), visit, rating="bad", text="My ear still hurts")
    assert (answer.status_code, Feedback.get().text) == (409, "")
    assert "My ear still hurts" in answer.text


def test_feedback_before_the_end_or_of_another_account_is_refused(sign_in, called):
    assert say(sign_in(called.beneficiary), called, rating="good").status_code == 409
    stranger = sign_in(make_beneficiary())
    assert stranger.submit(f"/visits/{called.uid}/feedback", {"rating": "good"}, page="/home").status_code == 404
    assert Feedback.select().count() == 0


def test_no_page_of_the_doctor_shows_feedback(sign_in, db, now):
    doctor = make_staff()
    visit = make_visit("completed", beneficiary=make_beneficiary(), doctor=doctor)
    feedback.give(visit, "bad", "He never looked at me", by=SYSTEM, now=now)
    browser = sign_in(doctor)
    for address in ("/board", f"/visits/{visit.uid}/consult"):
        assert "He never looked" not in browser.get(address).text
