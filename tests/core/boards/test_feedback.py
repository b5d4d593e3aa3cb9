"""Feedback: changed for a day, and seen by no doctor."""

from datetime import timedelta

import pytest

from portal.base.errors import Conflict
from portal.core.visits import feedback
from portal.core.visits.models import Feedback
from portal.work.audit import SYSTEM
from tests.core.boards.test_patients_words import called as called
from tests.factories import make_beneficiary, make_staff, make_visit


def say(browser, visit, **fields):
    return browser.submit(f"/visits/{visit.uid}/feedback", fields, page=f"/visits/{visit.uid}")


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
