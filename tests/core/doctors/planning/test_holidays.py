"""A holiday on a day for which tokens are given: asked first, then who waits is sent on; and back again."""

from datetime import timedelta

import pytest

from portal.base.clock import clinic_day
from portal.core.clinic.models import ClinicSession, Holiday
from portal.core.rosters.reading import why_no_token
from portal.core.visits.attendance import present
from portal.core.visits.models import Visit
from portal.settings.clinic import put
from tests.factories import make_duty, make_session, make_specialty, make_staff, make_visit

PAGE = "/admin/holidays"


@pytest.fixture
def browser(db, sign_in):
    return sign_in(make_staff("admin"))


@pytest.fixture
def day(now):
    return clinic_day(now)


def save(browser, day, **more):
    return browser.submit(PAGE, {"day": day.isoformat(), "name": "Election"} | more, page=PAGE)


def confirmed(browser, day, **more):
    asked = save(browser, day, **more)
    seen = asked.text.split('name="seen" value="')[1].split('"')[0]
    return save(browser, day, seen=seen, confirm="yes", **more)


def test_a_holiday_without_tokens_is_saved_at_once(browser, day):
    assert save(browser, day + timedelta(days=9)).status_code == 303
    assert Holiday.get().day == day + timedelta(days=9)


def test_a_day_with_tokens_is_asked_about_and_nothing_is_changed_before(browser, day):
    make_staff("doctor")
    visit = make_visit()
    asked = save(browser, day)
    assert (asked.status_code, "Waiting: 1" in asked.text, visit.token in asked.text) == (200, True, True)
    assert (Holiday.select().count(), Visit.get_by_id(visit.id).state) == (0, "waiting")


def test_once_confirmed_who_waits_is_sent_to_the_next_day_and_no_token_is_given(browser, day, now):
    doctor = make_staff("doctor")
    visit = make_visit()
    make_duty(doctor, visit.session)
    assert confirmed(browser, day).status_code == 303
    moved = Visit.get_by_id(visit.id)
    assert (moved.state, moved.moved_to.session.day) == ("carried", day + timedelta(days=1))
    assert ClinicSession.get_by_id(visit.session_id).closed_at is not None
    assert why_no_token([make_specialty()], now, present)["medicine"]


def test_a_question_that_is_out_of_date_is_asked_again(browser, day):
    make_staff("doctor")
    make_visit()
    asked = save(browser, day)
    seen = asked.text.split('name="seen" value="')[1].split('"')[0]
    make_visit()
    again = save(browser, day, seen=seen, confirm="yes")
    assert (again.status_code, "has changed in the meantime" in again.text, "Waiting: 2" in again.text) == (
        200,
        True,
        True,
    )
    assert not Holiday.select().exists()


def test_back_changes_nothing_and_keeps_what_was_typed(browser, day):
    make_staff("doctor")
    make_visit()
    page = save(browser, day, again="yes")
    assert (page.status_code, 'value="Election"' in page.text, Holiday.select().count()) == (200, True, 0)


def test_with_a_patient_in_a_call_the_day_is_not_closed(browser, day):
    doctor = make_staff("doctor")
    waiting = make_visit()
    make_visit("in_call", doctor=doctor)
    answer = confirmed(browser, day)
    assert (answer.status_code, "still a patient" in answer.text) == (422, True)
    assert (Holiday.select().count(), Visit.get_by_id(waiting.id).state) == (0, "waiting")


def test_deleting_or_moving_it_opens_the_day_again(browser, day, now):
    make_staff("doctor")
    session = make_visit().session
    confirmed(browser, day)
    row = Holiday.get()
    browser.submit(PAGE, {"row": str(row.id), "day": (day + timedelta(days=9)).isoformat(), "name": "Election"})
    assert ClinicSession.get_by_id(session.id).closed_at is None
    assert why_no_token([make_specialty()], now, present)["medicine"] == ""
    save(browser, day)
    browser.submit(f"{PAGE}/{Holiday.get(Holiday.day == day).id}/delete", page=PAGE)
    assert ClinicSession.get_by_id(session.id).closed_at is None


def test_a_new_name_of_the_same_day_asks_nothing(browser, day, now):
    Holiday.create(day=day, name="Election")
    make_visit()
    row = Holiday.get()
    answer = browser.submit(PAGE, {"row": str(row.id), "day": day.isoformat(), "name": "Poll"}, page=f"{PAGE}?edit=1")
    assert (answer.status_code, Holiday.get().name) == (303, "Poll")


def test_a_demonstration_around_the_clock_keeps_no_holiday(browser, day):
    make_staff("doctor")
    visit = make_visit()
    put("demo_all_day", "yes")
    assert save(browser, day).status_code == 303
    assert Visit.get_by_id(visit.id).state == "waiting"


def test_a_quota_below_the_numbers_given_says_what_becomes_of_them(browser):
    session = make_session(last_number=12)
    browser.submit(f"/admin/sessions/{session.uid}/quota", {"quota": "10"}, page="/admin/sessions")
    assert "2 more tokens are given than the new number. They stay" in browser.get("/admin/sessions").text
