"""The place in the queue, waiting times, the status JSON, the columns of the board; in few queries."""

from datetime import timedelta

import peewee
import pytest

from portal.core.boards import doctor_board, patient_status
from portal.core.rosters.models import DoctorDay, DoctorWeek
from portal.core.visits.models import Transition, Visit
from tests.factories import (
    make_duty,
    make_session,
    make_staff,
    make_visit,
)
from tests.factories import make_visit as visit_of
from tests.on_duty import doctor as doctor
from tests.statements import statements as statements


def consulted(minutes: int, now) -> None:
    visit = make_visit("completed", state_since=now)
    for state, at in (("in_call", now - timedelta(minutes=minutes)), ("completed", now)):
        Transition.create(visit=visit, at=at, from_state="", to_state=state, actor_kind="system", actor_uid="")


def test_people_ahead_are_those_with_priority_and_those_before(db, now):
    first, second, urgent, third = (make_visit(priority=priority) for priority in (0, 0, 1, 0))
    assert [patient_status.position(visit, now) for visit in (urgent, first, second, third)] == [0, 1, 2, 3]


def test_only_waiting_and_present_visits_count_as_ahead(db, now):
    for state in ("called", "in_call", "completed", "no_show"):
        make_visit(state)
    make_visit("awaiting_recall", here_until=None)
    assert patient_status.position(make_visit(), now) == 0


def test_an_absent_waiting_patient_keeps_the_place(db, now):
    make_visit(here_until=None)
    assert patient_status.position(make_visit(), now) == 1


def wait(ahead: int, doctors: int) -> tuple[int, int]:
    return patient_status.wait_range(patient_status.consult_minutes(make_session()), ahead, doctors)


def test_the_waiting_time_uses_the_default_until_three_consultations_are_known(db, now):
    consulted(20, now)
    consulted(20, now)
    assert wait(2, 1) == (12, 30)


def test_the_waiting_time_is_the_median_shared_among_the_doctors_present(db, now):
    for minutes in (2, 4, 60):
        consulted(minutes, now)
    assert wait(4, 1) == (12, 25)
    assert wait(4, 2) == (6, 13)


def test_before_the_clinic_opens_the_wait_counts_from_the_opening(db, now):
    visit = make_visit()
    assert patient_status.status(visit, now - timedelta(hours=1))["eta_minutes"] == [30, 40]


def estimate(visit: Visit, at) -> tuple[int, int]:
    return tuple(patient_status.status(Visit.get_by_id(visit.id), at)["eta_minutes"])


def test_before_the_clinic_opens_the_wait_is_shared_among_the_doctors_of_the_roster(db, now):
    early, doctors = now - timedelta(hours=1), [make_staff() for _ in range(3)]
    for _ in range(3):
        visit = make_visit()
    DoctorWeek.create(doctor=doctors[0], begins="2026-11-01", days="-------")
    DoctorDay.create(doctor=doctors[1], day=visit.session.day, part="2")
    assert estimate(visit, early) == (42, 60)  # one for the first half of the day
    DoctorDay.update(part="1").execute()
    assert estimate(visit, early) == (36, 45)
    make_duty(doctors[2], visit.session, "on")  # the first has come, the second is expected still
    assert estimate(visit, early) == (36, 45)
    assert estimate(visit, visit.session.opens_at) == (12, 30)


def test_until_the_first_doctor_comes_the_wait_is_that_of_the_half_day(db, now):
    doctors, visit = [make_staff() for _ in range(2)], make_visit()
    DoctorDay.create(doctor=doctors[0], day=visit.session.day, part="1")
    assert [estimate(visit, at)[1] for at in (now, visit.session.closes_at - timedelta(minutes=5))] == [5, 10]


def test_the_status_has_the_fields_of_the_contract(db, now):
    make_visit()
    visit = make_visit()
    assert patient_status.status(visit, now) == {
        "uid": visit.uid,
        "token": "MED-002",
        "state": "waiting",
        "ahead": 1,
        "eta_minutes": [6, 20],
        "call_now": False,
        "call_deadline": None,
        "prescription": None,
    }


def test_the_status_says_call_now_until_the_deadline(db, now):
    visit = make_visit("called")
    status = patient_status.status(visit, now)
    assert (status["call_now"], status["call_deadline"], status["eta_minutes"]) == (
        True,
        "2026-11-23T04:02:00+00:00",
        [0, 0],
    )
    late = patient_status.status(visit, now + timedelta(seconds=120))
    assert (late["call_now"], late["call_deadline"]) == (False, None)


@pytest.mark.parametrize(("state", "queries"), [("on", 5), ("off", 6)])
def test_the_status_costs_five_queries_and_the_roster_until_a_doctor_has_come(db, now, statements, state, queries):
    for _ in range(30):
        make_visit()
    make_duty(make_staff(), make_session(), state)
    visit = Visit.select().order_by(Visit.number.desc()).get()
    visit.token  # noqa: B018 the page has loaded session and specialty with the visit
    statements.clear()
    patient_status.status(visit, now)
    assert len(statements) <= queries, statements


def test_the_board_costs_few_queries_however_long_the_queue(db, now, statements):
    doctor = make_staff()
    for state in ("waiting", "in_call", "awaiting_recall", "completed", "waiting"):
        make_visit(state)
    session = make_session()
    statements.clear()
    shown = doctor_board.doctor_board(session, doctor, now)
    assert [card.visit.beneficiary.entry.name for card in shown.columns.waiting.shown] == ["Ramesh Kumar"] * 2
    assert shown.columns.with_doctors.shown[0].visit.doctor.name == "Dr Asha Verma"
    assert len(statements) <= 6, statements


def test_the_columns_of_the_board(db, now):
    doctor = make_staff()
    make_duty(doctor, make_session())
    mine = make_visit("in_call", doctor=doctor)
    make_visit(requested_at=now - timedelta(minutes=61), here_until=None)
    make_visit("awaiting_recall")
    make_visit("completed")
    make_visit("expired")
    shown = doctor_board.doctor_board(make_session(), doctor, now)
    parts = shown.columns
    assert shown.mine == [mine]
    assert [(card.minutes, card.level, card.is_present) for card in parts.waiting.shown] == [(61, "late", False)]
    counts = [column.count for column in (parts.waiting, parts.set_aside, parts.with_doctors, parts.over)]
    assert counts == [1, 1, 1, 2]
    assert (parts.seen, parts.present, parts.first_present) == (1, 0, None)


def test_a_patient_of_yesterday_whom_the_doctor_still_holds_is_shown(db, now):
    doctor = make_staff()
    held = make_visit("writing", doctor=doctor)
    assert doctor_board.doctor_board(None, doctor, now).mine == [held]


def test_the_database_refuses_a_duplicate_token_number(db, now):
    visit = make_visit()
    with pytest.raises(peewee.IntegrityError):
        make_visit(number=visit.number)


def test_the_order_of_requests_is_independent_of_clock_skew(doctor, now):
    """Q20: the order is the database's own."""
    visits = [visit_of() for _ in range(4)]
    for place, visit in enumerate(visits):
        shifted = now - timedelta(minutes=90 * (place % 3))
        Visit.update(requested_at=shifted, state_since=shifted).where(Visit.id == visit.id).execute()
    assert [patient_status.position(Visit.get_by_id(visit.id), now) for visit in visits] == [0, 1, 2, 3]
