"""The patient's panel: emergency calls, prescriptions, tokens of another day, poll intervals."""

import re
from datetime import timedelta

import pytest

from portal.core.boards import patient_status
from portal.core.boards.patient_panel import turn_of
from portal.core.clinic.models import ClinicSession
from portal.core.doctors import duty
from portal.core.prescriptions.models import Prescription
from portal.core.visits import announcements, calling
from portal.core.visits.models import Transition, Visit
from portal.work.audit import SYSTEM
from tests.consulting import make_prescription
from tests.factories import make_beneficiary, make_duty, make_session, make_staff, make_visit

URGENT = "This is an emergency call"


def _wait(visit, now):
    low, high = patient_status.status(visit, now)["eta_minutes"]
    return low, high


@pytest.fixture
def visit(db):
    return make_visit(beneficiary=make_beneficiary())


@pytest.fixture
def doctor(visit):
    doctor = make_staff()
    make_duty(doctor, visit.session)
    return doctor


@pytest.fixture
def page(visit, sign_in):
    browser = sign_in(visit.beneficiary)
    return lambda: browser.get(f"/visits/{visit.uid}").text


def test_an_emergency_call_is_shown_to_the_patient_and_on_the_board(visit, doctor, page, sign_in, now):
    calling.call_emergency(visit, doctor, reason="Chest pain since 9", by=SYSTEM, now=now)
    assert URGENT in page()
    assert sign_in(doctor).get("/board").text.count(">Emergency<") == 2, "on the own card and in the column"


def test_the_next_call_after_an_emergency_call_is_an_ordinary_one(visit, doctor, page, now):
    calling.call_emergency(visit, doctor, reason="Chest pain since 9", by=SYSTEM, now=now)
    calling.skip(visit, reason="", by=SYSTEM, now=now)
    calling.recall(visit, doctor, by=SYSTEM, now=now)
    assert "The doctor is ready for you" in page()
    assert URGENT not in page()


def test_a_skipped_call_is_not_shown_as_missed(visit, doctor, page, now):
    calling.call_next(doctor, visit.session, by=SYSTEM, now=now)
    calling.skip(Visit.get(), reason="", by=SYSTEM, now=now)
    assert "It does not count as missed." in page()
    Visit.update(lapses=1).execute()
    assert "Missed calls: 1 of 3." in page()
    assert "It does not count as missed." not in page()


def test_a_stored_prescription_is_no_longer_shown_as_being_written(visit, page, now):
    Visit.update(state="writing", doctor=make_staff(), attempt=1).execute()
    assert "The doctor is writing your prescription" in page()
    make_prescription(now, Visit.get())
    Prescription.update(stored_at=now).execute()
    text = page()
    assert "Your prescription is ready" in text
    assert "Download prescription" in text
    assert "It appears here in a few minutes." not in text


def test_without_a_doctor_on_duty_no_waiting_time_is_shown(visit, page, clock):
    clock.tick((visit.session.opens_at - clock.now()).total_seconds() + 60)
    assert "Waiting time once the doctor is here" in page()
    make_duty(make_staff(), visit.session)
    assert "Waiting time: about" in page()


def test_a_token_of_another_day_shows_the_day_and_not_that_it_is_next(visit, page, now):
    announcements.announce("late", "", "", None, "30", by=SYSTEM, now=now)
    assert "The doctor will be late." in page()
    ClinicSession.update(day=visit.session.day + timedelta(days=1)).execute()
    ClinicSession.update(opens_at=visit.session.opens_at + timedelta(days=1)).execute()
    text = page()
    assert re.search(r"Your turn is on \d+ \w+ \d{4}", text)
    for untrue in ("You are next", "Waiting time", "While this page is open", "The doctor will be late."):
        assert untrue not in text


def test_the_waiting_hints_are_gone_when_called(visit, page):
    assert "Have this ready" in page()
    Visit.update(
        state="called", call_deadline=visit.requested_at + timedelta(seconds=120), doctor=make_staff()
    ).execute()
    assert "Have this ready" not in page()


@pytest.mark.parametrize(
    ("outcome", "sentence", "is_urgent"),
    [("", "Nobody answered in time", False), ("hospital", "The doctor asked you to go to a hospital.", True)],
)
def test_the_ending_shows_the_reason_and_where_to_go(visit, page, now, outcome, sentence, is_urgent):
    Visit.update(state="no_show", live_key=None).execute()
    Transition.create(
        visit=visit, at=now, from_state="called", to_state="no_show", actor_kind="system", actor_uid="", outcome=outcome
    )
    assert sentence in page()
    assert ('class="button danger" href="tel:112"' in page()) == is_urgent


def test_a_conflict_page_refreshes_to_the_visit(visit, sign_in):
    browser = sign_in(visit.beneficiary)
    text = browser.submit(f"/visits/{visit.uid}/call", page=f"/visits/{visit.uid}").text
    assert re.search(rf'http-equiv="refresh" content="\d+;url=/visits/{visit.uid}"', text)
    assert f'href="/lang/hi?next=/visits/{visit.uid}"' in text


def test_a_conflict_on_the_board_refreshes_to_the_board(db, sign_in):
    make_session()
    text = sign_in(make_staff()).submit("/board/next", page="/board").text
    assert 'content="15;url=/board"' in text
    assert 'href="/lang/hi?next=/board"' in text


def test_while_all_doctors_have_a_break_the_waiting_time_counts_from_its_end(visit, doctor, now):
    low, high = _wait(visit, now)
    duty.set_duty(doctor, doctor.specialty, "break20", by=SYSTEM, now=now)
    assert _wait(visit, now) == (low + 20, high + 20)
    make_duty(make_staff(), visit.session)
    assert _wait(visit, now)[0] == low


def test_a_token_of_another_day_polls_once_a_minute(visit, doctor, now):
    assert turn_of(visit, now).interval == 1
    assert turn_of(visit, now - timedelta(days=1)).interval == 60


def test_the_poll_intervals_far_back_are_jittered(visit, now):
    crowd = [make_visit(session=visit.session) for _ in range(60)]
    far = [turn_of(Visit.get_by_id(each.id), now) for each in crowd[-15:]]
    intervals = [turn.interval for turn in far]
    assert set(intervals) == {14, 15, 16, 17, 18, 19, 20}
    assert max(intervals.count(each) for each in set(intervals)) <= 3
    make_duty(make_staff(), visit.session)
    near = turn_of(Visit.get_by_id(crowd[0].id), now)
    assert near.interval == 1


def test_while_no_doctor_is_on_duty_nobody_polls_every_second(visit, now):
    assert turn_of(visit, now).interval == 5
    make_duty(make_staff(), visit.session, state="break")
    assert turn_of(visit, now).interval == 5
