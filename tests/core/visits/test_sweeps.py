"""Duty, and the closing of sessions: waiting visits expire or are carried, running calls are not cut."""

from datetime import date, timedelta

import pytest

from portal.core.clinic.models import ClinicSession
from portal.core.visits import services, sweeps
from portal.core.visits.models import Visit
from portal.settings.clinic import put
from portal.work.events import Event
from tests.factories import make_beneficiary, make_duty, make_referral, make_session, make_staff, make_visit


def states() -> list[str]:
    return [visit.state for visit in Visit.select().order_by(Visit.number)]


@pytest.fixture
def closing(db, now):
    """When today's session closes."""
    return make_session().closes_at


def test_before_closing_time_nothing_happens(closing):
    make_visit()
    sweeps.close_sessions(closing - timedelta(seconds=1))
    assert states() == ["waiting"]


def test_without_a_doctor_waiting_visits_expire_at_closing_time(closing):
    """F32, Q14."""
    visits = [make_visit(), make_visit("awaiting_recall")]
    sweeps.close_sessions(closing)
    assert states() == ["expired", "expired"]
    told = Event.select().where(Event.name == "TokenExpired").order_by(Event.id)
    assert [event.subject for event in told] == [visit.uid for visit in visits]
    assert ClinicSession.get().closed_at == closing


def test_with_a_doctor_waiting_visits_are_served_for_another_hour(closing):
    make_visit()
    make_duty(make_staff(), make_session())
    sweeps.close_sessions(closing + timedelta(minutes=59))
    assert states() == ["waiting"]
    sweeps.close_sessions(closing + timedelta(minutes=60))
    assert states() == ["expired"]


def test_a_running_call_keeps_the_session_open(closing):
    for state in ("in_call", "writing", "called"):
        make_visit(state)
    sweeps.close_sessions(closing + timedelta(hours=2))
    assert states() == ["in_call", "writing", "called"]
    assert ClinicSession.get().closed_at is None


def test_a_visit_left_in_writing_is_completed_after_two_days(closing):
    """Q35, Q36: no visit stays active for ever."""
    visit = make_visit("writing", doctor=make_staff(), lease_until=closing)
    sweeps.complete_forgotten(closing + timedelta(hours=48))
    assert states() == ["writing"]
    gone = closing + timedelta(hours=49)
    for sweep in (sweeps.complete_forgotten, sweeps.close_sessions):
        sweep(gone)
    assert (states(), services.live_visit(visit.beneficiary)) == (["completed"], None)
    assert ClinicSession.get().closed_at == gone


@pytest.mark.parametrize("state", ["called", "in_call"])
def test_an_expired_lease_after_closing_time_carries_the_patient(closing, state):
    """F33: the patient is carried to the next day, not left waiting in a closed clinic."""
    put("carries_at_closing", "1")
    late = closing + timedelta(hours=1)
    visit = make_visit(state, beneficiary=make_beneficiary(), doctor=make_staff(), lease_until=late)
    sweeps.close_sessions(late)
    assert ClinicSession.get().closed_at is None
    gone = late + timedelta(minutes=4)
    for sweep in (sweeps.release_lost, sweeps.close_sessions):
        sweep(gone)
    after = Visit.get_by_id(visit.id)
    assert (after.state, after.moved_to.state, after.moved_to.session.day) == ("carried", "waiting", date(2026, 11, 24))
    assert ClinicSession.get_by_id(visit.session_id).closed_at == gone


@pytest.mark.parametrize(("last_day", "end"), [(24, "carried"), (23, "expired")])
def test_a_visit_is_carried_to_the_last_day_of_its_referral_and_no_further(closing, last_day, end):
    put("carries_at_closing", "1")
    person = make_beneficiary()
    referral = make_referral(person.entry, valid_until=date(2026, 11, last_day))
    visit = make_visit(beneficiary=person, referral=referral)
    sweeps.close_sessions(closing)
    assert Visit.get_by_id(visit.id).state == end


def test_a_visit_on_a_referral_that_was_withdrawn_since_is_not_carried(closing):
    put("carries_at_closing", "1")
    person = make_beneficiary()
    referral = make_referral(person.entry, valid_until=date(2026, 12, 24), cancelled_at=closing)
    visit = make_visit(beneficiary=person, referral=referral)
    sweeps.close_sessions(closing)
    assert Visit.get_by_id(visit.id).state == "expired"
