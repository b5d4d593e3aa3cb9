"""The administrator's pages of rosters, and a doctor's page of leave: question, deed, stale pages."""

import re

import pytest
from lxml import html

from portal.base import clock
from portal.core.clinic.models import ClinicSession, SpecialtyHours
from portal.core.doctors.leave_views import PAGE as LEAVES
from portal.core.doctors.planning.views import DOCTORS
from portal.core.rosters.models import DoctorDay, DoctorWeek, Leave, RosterChange
from portal.core.visits.models import Visit
from tests.factories import make_session, make_specialty, make_staff, make_visit

TODAY, TOMORROW = "2026-11-23", "2026-11-24"


@pytest.fixture
def browser(db, sign_in):
    make_specialty()
    return sign_in(make_staff("admin"))


def letters(text):
    return {f"day-{number}": letter for number, letter in enumerate(text, 1)}


def question_of(response):
    """The hidden fields of the page that asks."""
    form = html.fromstring(response.text).xpath('//form[.//button[@name="confirm"]]')[0]
    return {box.get("name"): box.get("value") for box in form.xpath('.//input[@type="hidden"]')}


def make_change(browser, kind, form):
    """Fill in a form of the roster and confirm it."""
    asked = browser.submit(f"/admin/rosters/{kind}", form)
    assert asked.status_code == 200, asked.text
    return browser.submit(f"/admin/rosters/{kind}", question_of(asked) | {"confirm": "yes"}, page="/admin/rosters/week")


def test_a_pattern_is_asked_about_and_then_written(browser):
    doctor = make_staff()
    form = {"doctor": doctor.username, "begins": TODAY, "ends": ""} | letters("d1-2---")
    asked = browser.submit("/admin/rosters/week", form)
    assert (asked.status_code, DoctorWeek.select().exists()) == (200, False)
    assert "No token that is given already is concerned." in asked.text
    done = make_change(browser, "week", form)
    assert (done.status_code, done.location) == (303, "/admin/rosters?specialty=medicine")
    assert DoctorWeek.get().days == "d1-2---"
    assert "First half" in browser.get("/admin/rosters").text


def test_back_shows_the_form_as_it_was_typed(browser):
    doctor = make_staff()
    asked = browser.submit(
        "/admin/rosters/day", {"doctor": doctor.username, "day": TOMORROW, "part": "2", "reason": "court at noon"}
    )
    again = browser.submit("/admin/rosters/day", question_of(asked) | {"again": "yes"}, page="/admin/rosters/day")
    assert "court at noon" in again.text
    assert not DoctorDay.select().exists()


def test_tokens_are_shown_before_and_a_stale_question_is_asked_again(browser):
    doctor, visit = make_staff(), make_visit()
    form = {"doctor": doctor.username, "begins": TODAY} | letters("-dddddd")
    asked = browser.submit("/admin/rosters/week", form)
    assert visit.token in asked.text
    assert visit.beneficiary.entry.name not in asked.text
    make_visit()
    stale = browser.submit("/admin/rosters/week", question_of(asked) | {"confirm": "yes"}, page="/admin/rosters/week")
    assert stale.status_code == 409
    assert "Waiting: 2" in stale.text
    done = browser.submit("/admin/rosters/week", question_of(stale) | {"confirm": "yes"}, page="/admin/rosters/week")
    assert done.status_code == 303
    assert Visit.get_by_id(visit.id).state == "carried"


def test_a_form_opened_before_somebody_elses_change_warns(browser):
    doctor = make_staff()
    version = re.search(r'name="version" value="(\w+)"', browser.get("/admin/rosters/week").text)
    DoctorWeek.create(doctor=doctor, begins="2026-11-01", days="ddddddd")
    form = {"doctor": doctor.username, "begins": TODAY, "version": version[1]} | letters("d------")
    asked = browser.submit("/admin/rosters/week", form)
    assert asked.status_code == 409
    assert "Somebody has changed this roster" in asked.text


@pytest.mark.parametrize(
    ("kind", "form", "field"),
    [
        ("week", {"doctor": "nobody", "begins": TODAY} | letters("ddddddd"), "doctor"),
        ("week", {"begins": "2026-11-01"} | letters("ddddddd"), "begins"),
        ("week", {"begins": TOMORROW, "ends": TODAY} | letters("ddddddd"), "ends"),
        ("week", {"begins": TODAY} | letters("dddxddd"), "day-4"),
        ("day", {"day": "soon", "part": "d"}, "day"),
        ("day", {"day": TODAY, "part": "x"}, "part"),
        ("date", {"day": TODAY, "open": "yes", "opens": "12:00", "closes": "10:00"}, "closes"),
        ("date", {"day": TODAY, "open": "yes", "closes": "06:30"}, "closes"),
        ("date", {"day": TODAY, "open": "yes", "opens": "nine"}, "opens"),
        ("date", {"day": TODAY, "open": "yes", "quota": "many"}, "quota"),
        ("date", {"day": TODAY, "open": "perhaps"}, "open"),
        ("hours", {"open-1": "yes"}, "open-2"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_changes(browser, kind, form, field):
    doctor = make_staff()
    answer = browser.submit(f"/admin/rosters/{kind}", {"doctor": doctor.username} | form)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert not RosterChange.select().exists()


def test_the_hours_of_a_week_are_written_and_those_as_in_the_settings_are_not(browser):
    form = {f"open-{number}": "yes" for number in range(1, 8)} | {"opens-2": "१०:३०", "quota-2": "३०", "open-6": "no"}
    make_change(browser, "hours", form)
    rows = {row.weekday: (row.is_open, row.opens_at and row.opens_at.hour, row.quota) for row in SpecialtyHours}
    assert rows == {2: (True, 10, 30), 6: (False, None, None)}


def test_two_doctors_swap_their_days(browser):
    one, other = make_staff(), make_staff()
    DoctorWeek.create(doctor=one, begins="2026-11-01", days="d------")
    DoctorWeek.create(doctor=other, begins="2026-11-01", days="-d-----")
    form = {"doctor": one.username, "day": TODAY, "other": other.username, "other_day": TOMORROW}
    make_change(browser, "swap", form)
    rows = {(row.doctor_id, str(row.day)): row.part for row in DoctorDay}
    assert rows == {(one.id, TODAY): "-", (other.id, TODAY): "d", (other.id, TOMORROW): "-", (one.id, TOMORROW): "d"}


@pytest.mark.parametrize(
    ("pattern", "leave", "sentence"),
    [
        ("-d-----", None, "not on the roster on that day"),
        ("dd-----", None, "on the roster at that time already"),
        ("d------", TODAY, "on leave on that day"),
    ],
)
def test_a_swap_that_does_not_add_up_is_refused(browser, pattern, leave, sentence):
    one, other = make_staff(), make_staff()
    DoctorWeek.create(doctor=one, begins="2026-11-01", days=pattern)
    DoctorWeek.create(doctor=other, begins="2026-11-01", days="-d-----")
    if leave:
        Leave.create(doctor=other, day=leave, at=make_session().opens_at, by_uid="x")
    form = {"doctor": one.username, "day": TODAY, "other": other.username, "other_day": TOMORROW}
    answer = browser.submit("/admin/rosters/swap", form)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_a_change_is_listed_and_changed_back_after_a_question(browser):
    make_change(browser, "date", {"day": TOMORROW, "open": "no", "reason": "painting"})
    listed = browser.get("/admin/rosters/changes").text
    assert "painting" in listed
    address = f"/admin/rosters/changes/{RosterChange.get().uid}/undo"
    asked = browser.submit(address, {"specialty": "medicine"}, page="/admin/rosters/changes")
    assert asked.status_code == 200
    assert SpecialtyHours.select().exists()
    done = browser.submit(address, question_of(asked) | {"confirm": "yes"}, page="/admin/rosters/changes")
    assert done.status_code == 303
    assert not SpecialtyHours.select().exists()
    assert "Changed back" in browser.get("/admin/rosters/changes").text
    again = browser.submit(address, {"specialty": "medicine"}, page="/admin/rosters/changes")
    assert again.status_code == 409


def test_an_unknown_specialty_is_not_found(browser):
    assert browser.get("/admin/rosters?specialty=none").status_code == 404


def test_leave_of_several_days_asks_when_somebody_waits(browser):
    doctor, visit = make_staff(), make_visit()
    form = {"doctor": doctor.username, "day": TODAY, "until": "2026-11-30", "reason": "family"}
    asked = browser.submit("/leave", form)
    assert asked.status_code == 409
    assert not Leave.select().exists()
    assert browser.submit("/leave", question_of(asked) | {"confirm": "yes"}).status_code == 303
    assert [row.day.day for row in Leave.select().order_by(Leave.day)] == [23, 24, 25, 26, 27, 28, 30]
    assert Visit.get_by_id(visit.id).state == "carried"


def test_a_doctor_takes_half_a_day_and_comes_after_all(db, sign_in):
    doctor = make_staff()
    make_staff()
    browser = sign_in(doctor)
    assert browser.submit("/leave", {"day": TODAY, "half": "1", "reason": "dentist"}).status_code == 303
    assert DoctorDay.get().part == "2"
    page = browser.get("/leave").text
    assert "only there: Second half" in page
    assert "Your roster" in page
    assert browser.submit("/leave/end", {"day": TODAY}, page="/leave").status_code == 303
    assert not DoctorDay.select().exists()


def test_a_doctor_who_is_not_on_the_roster_is_told_on_the_board_and_may_go_on_duty(db, sign_in):
    doctor = make_staff()
    make_session()
    DoctorWeek.create(doctor=doctor, begins="2026-11-01", days="-------")
    browser = sign_in(doctor)
    assert "You are not on the roster today" in browser.get("/board").text
    assert browser.submit("/board/duty", {"state": "on"}, page="/board").status_code == 303
    assert ClinicSession.get().duties.get().state == "on"


def test_a_large_specialty_has_pages_of_doctors_and_folds_its_single_days(browser):
    for number in range(DOCTORS + 1):
        DoctorDay.create(doctor=make_staff(name=f"Dr Doctor {number:02}"), day=TOMORROW, part="1")
    first, second = (browser.get(f"/admin/rosters?page={number}").text for number in (1, 2))
    assert f'aria-label="Change Dr Doctor {DOCTORS}"' not in first
    assert f'aria-label="Change Dr Doctor {DOCTORS}"' in second
    assert f"<details><summary>Days: {DOCTORS + 1}</summary>" in first
    month = browser.get("/admin/rosters/month").text
    assert f"<summary>Doctors: {DOCTORS + 1}</summary>" in month


def test_leave_is_listed_by_day_and_in_pages(browser):
    for number in range(LEAVES + 1):
        doctor = make_staff(name=f"Dr Doctor {number:02}")
        if number % 2:
            Leave.create(doctor=doctor, day=TOMORROW, at=clock.now(), by_uid="x")
        else:
            DoctorDay.create(doctor=doctor, day=TOMORROW, part="1")
    first, second = (browser.get(f"/leave?page={number}") for number in (1, 2))
    shown = [cell.text_content() for page in (first, second) for cell in html.fromstring(page.text).xpath("//tr/td[2]")]
    assert shown == [f"Dr Doctor {number:02}" for number in range(LEAVES + 1)]
