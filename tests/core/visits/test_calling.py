"""Calling: the order, one patient per doctor, presence, missed calls, deadlines, leases."""

from datetime import datetime, timedelta
from functools import partial

import pytest

from portal.base.errors import Conflict, Invalid
from portal.core.accounts.models import Staff
from portal.core.boards import patient_status
from portal.core.visits import attendance, calling, services, sweeps
from portal.core.visits.models import Transition, Visit
from portal.work.audit import Actor, AuditRow
from portal.work.events import Event
from tests.at_once import at_once, done
from tests.core.visits.test_transfers import by
from tests.factories import (
    make_duty,
    make_session,
    make_staff,
    make_visit,
)
from tests.factories import make_visit as visit_of
from tests.on_duty import doctor as doctor

DOCTOR = Actor("staff", "doctor")


PATIENT = Actor("account", "patient")


def make_doctor(state: str = "on") -> Staff:
    doctor = make_staff("doctor")
    make_duty(doctor, make_session(), state)
    return doctor


def call(doctor: Staff, now: datetime, absent: bool = False) -> Visit:
    return calling.call_next(doctor, make_session(), by=DOCTOR, now=now, absent=absent)


def finish(visit: Visit, now: datetime) -> None:
    calling.accept_call(visit, by=PATIENT, now=now)
    services.complete(visit, by=DOCTOR, now=now)


def test_the_first_present_patient_is_called_with_a_deadline_and_a_lease(db, now):
    away, first = make_visit(here_until=None), make_visit()
    doctor = make_doctor()
    visit = call(doctor, now)
    assert (visit.id, visit.state, visit.attempt, visit.doctor) == (first.id, "called", 1, doctor)
    assert visit.call_deadline == now + timedelta(seconds=120)
    assert visit.lease_until > now
    assert Visit.get_by_id(away.id).state == "waiting"
    data = Event.get(Event.name == "VisitCalled").data
    assert (data["token"], data["doctor"], data["attempt"]) == ("MED-002", doctor.uid, 1)


def test_two_concurrent_next_calls_never_get_one_patient(app, db, now):
    """F29, Q9."""
    doctors = [make_doctor() for _ in range(8)]
    for _ in range(8):
        make_visit()
    called = done(at_once(app, [partial(call, doctor, now) for doctor in doctors]))
    assert sorted(visit.id for visit in called) == sorted(visit.id for visit in Visit.select())
    assert Transition.select().where(Transition.to_state == "called").count() == 8


def test_six_concurrent_next_calls_of_one_doctor_get_one_patient(app, db, now):
    doctor = make_doctor()
    for _ in range(6):
        make_visit()
    assert len(done(at_once(app, [partial(call, doctor, now)] * 6))) == 1
    assert Visit.select().where(Visit.state == "called").count() == 1


@pytest.mark.parametrize("state", ["break10", "off"])
def test_only_a_doctor_on_duty_can_call(db, now, state):
    make_visit()
    with pytest.raises(Conflict, match="You are not on duty"):
        call(make_doctor(state), now)
    assert Visit.get().state == "waiting"


@pytest.mark.parametrize("state", ["called", "in_call", "writing"])
def test_a_doctor_with_a_patient_cannot_call_another(db, now, state):
    doctor = make_doctor()
    make_visit(state, doctor=doctor)
    waiting = make_visit()
    with pytest.raises(Conflict, match="You still have a patient"):
        call(doctor, now)
    assert Visit.get_by_id(waiting.id).state == "waiting"


def test_a_doctor_of_another_specialty_cannot_call(db, now):
    doctor = make_doctor()
    Staff.update(specialty=None).where(Staff.id == doctor.id).execute()
    make_visit()
    with pytest.raises(Conflict, match="You are not on duty"):
        call(Staff.get_by_id(doctor.id), now)


def test_next_conflicts_with_nobody_present_and_rings_an_absent_patient(db, now):
    doctor, sleeper = make_doctor(), make_visit(here_until=None)
    with pytest.raises(Conflict, match="Nobody who is present is waiting"):
        call(doctor, now)
    assert call(doctor, now, absent=True).id == sleeper.id


def test_a_present_patient_comes_before_any_ringing(db, now):
    make_visit(here_until=None)
    present = make_visit()
    assert call(make_doctor(), now, absent=True).id == present.id


def test_an_expired_ring_does_not_count_as_a_missed_call(db, now):
    doctor, sleeper = make_doctor(), make_visit(here_until=None)
    for round_ in range(5):
        call(doctor, now + timedelta(minutes=5 * round_), absent=True)
        sweeps.lapse_calls(now + timedelta(minutes=5 * round_ + 3))
    after = Visit.get_by_id(sleeper.id)
    assert (after.state, after.lapses, after.attempt) == ("waiting", 0, 5)


def test_priority_comes_first_but_at_most_two_in_a_row(db, now):
    doctor = make_doctor()
    for priority in (0, 0, 1, 1, 1):
        make_visit(priority=priority)
    order = []
    for minute in range(5):
        visit = call(doctor, now + timedelta(seconds=minute))
        order.append(visit.number)
        finish(visit, now + timedelta(seconds=minute))
    assert order == [3, 4, 1, 5, 2]


def test_priority_calls_before_a_request_do_not_count_as_overtaking(db, now):
    doctor = make_doctor()
    for second in range(2):
        make_visit(priority=1)
        finish(call(doctor, now + timedelta(seconds=second)), now + timedelta(seconds=second))
    late = make_visit()
    first = make_visit(priority=1)
    assert call(doctor, now + timedelta(seconds=3)).id == first.id
    finish(Visit.get_by_id(first.id), now + timedelta(seconds=3))
    assert call(doctor, now + timedelta(seconds=4)).id == late.id


def test_accepting_before_the_deadline_begins_the_call(db, now):
    make_visit()
    visit = call(make_doctor(), now)
    calling.accept_call(visit, by=PATIENT, now=now + timedelta(seconds=119))
    after = Visit.get_by_id(visit.id)
    assert (after.state, after.call_deadline) == ("in_call", None)


def test_accepting_a_call_is_idempotent(db, now):
    visit = make_visit("in_call", doctor=make_doctor())
    calling.accept_call(visit, by=PATIENT, now=now)
    assert Transition.select().where(Transition.visit == visit).count() == 1


def test_accepting_after_the_deadline_conflicts(db, now):
    make_visit()
    visit = call(make_doctor(), now)
    with pytest.raises(Conflict, match=r"The time to answer this call is over\. Your place is kept"):
        calling.accept_call(visit, by=PATIENT, now=now + timedelta(seconds=120))
    assert Visit.get_by_id(visit.id).state == "called"


def test_a_missed_call_keeps_the_place_and_the_next_one_is_called(db, now):
    first, second, doctor = make_visit(), make_visit(), make_doctor()
    call(doctor, now)
    later = now + timedelta(seconds=121)
    sweeps.lapse_calls(later)
    after = Visit.get_by_id(first.id)
    assert (after.state, after.lapses, after.doctor, after.lease_until) == ("awaiting_recall", 1, None, None)
    assert Event.get(Event.name == "CallMissed").data["lapses"] == 1
    Visit.update(here_until=later + timedelta(minutes=1)).where(Visit.id == second.id).execute()
    assert call(doctor, later).id == second.id


def test_i_am_here_after_a_missed_call_restores_the_place(db, now):
    first, doctor = make_visit("awaiting_recall", lapses=1, here_until=None), make_doctor()
    make_visit()
    services.mark_here(first, by=PATIENT, now=now)
    assert Visit.get_by_id(first.id).here_until == now + timedelta(minutes=15)
    assert call(doctor, now).id == first.id


def test_polls_touch_presence_but_not_after_a_missed_call(db, now):
    waiting, missed = make_visit(here_until=None), make_visit("awaiting_recall", here_until=None)
    for visit in (waiting, missed):
        services.touch_presence(visit, now)
    assert Visit.get_by_id(waiting.id).here_until == now + timedelta(seconds=60)
    assert Visit.get_by_id(missed.id).here_until is None


def test_a_poll_never_shortens_the_presence_of_a_tap(db, now):
    visit = make_visit()
    services.mark_here(visit, by=PATIENT, now=now)
    services.touch_presence(Visit.get_by_id(visit.id), now + timedelta(minutes=1))
    assert Visit.get_by_id(visit.id).here_until == now + timedelta(minutes=15)


def test_the_third_missed_call_ends_the_visit_with_the_reason(db, now):
    """F28."""
    make_visit(lapses=2)
    visit = call(make_doctor(), now)
    sweeps.lapse_calls(now + timedelta(seconds=120))
    after = Visit.get_by_id(visit.id)
    assert (after.state, after.live_key) == ("no_show", None)
    assert Transition.select().order_by(Transition.id.desc()).get().reason == "missed call 3"
    assert Event.select().where(Event.name == "VisitNoShow").count() == 1


def test_a_doctor_calls_a_missed_patient_again(db, now):
    doctor, visit = make_doctor(), make_visit("awaiting_recall", attempt=1, lapses=1, here_until=None)
    calling.recall(visit, doctor, by=DOCTOR, now=now)
    assert (Visit.get_by_id(visit.id).state, Visit.get_by_id(visit.id).attempt) == ("called", 2)


def test_only_a_missed_patient_can_be_called_again(db, now):
    visit = make_visit()
    with pytest.raises(Conflict, match="changed in the meantime"):
        calling.recall(visit, make_doctor(), by=DOCTOR, now=now)


def test_near_turn_is_recorded_once_for_the_first_three(db, now):
    visits, doctor = [make_visit() for _ in range(7)], make_doctor()
    finish(call(doctor, now), now)
    finish(call(doctor, now), now)
    told = [
        (event.subject, event.data["ahead"])
        for event in Event.select().where(Event.name == "NearTurn").order_by(Event.id)
    ]
    assert told == [(visits[place].uid, ahead) for place, ahead in ((1, 0), (2, 1), (3, 2), (4, 3), (5, 3))]


def test_an_expired_lease_releases_the_patient_who_keeps_the_place(db, now):
    """F27, Q19, Q31: a doctor's dead browser blocks nobody."""
    doctor = make_doctor()
    lost, other = make_visit("in_call", doctor=doctor), make_visit()
    late = now + timedelta(minutes=4, seconds=1)
    sweeps.release_lost(late - timedelta(seconds=2))
    assert Visit.get_by_id(lost.id).state == "in_call"
    sweeps.release_lost(late)
    after = Visit.get_by_id(lost.id)
    assert (after.state, after.lapses, after.doctor) == ("awaiting_recall", 0, None)
    Visit.update(here_until=late + timedelta(minutes=1)).where(Visit.id == other.id).execute()
    assert call(make_doctor(), late).id == lost.id


def test_polls_of_the_doctor_renew_the_lease(db, now):
    doctor = make_doctor()
    visit = make_visit("in_call", doctor=doctor)
    attendance.renew_lease(doctor, now + timedelta(seconds=50))
    assert Visit.get_by_id(visit.id).lease_until == now + timedelta(seconds=110)
    attendance.renew_lease(doctor, now + timedelta(seconds=55), polled=False)
    assert Visit.get_by_id(visit.id).lease_until == now + timedelta(seconds=55, minutes=15)


def test_an_emergency_call_stores_its_reason_and_keeps_every_place(doctor, now):
    first, second = visit_of(), visit_of(here_until=None)
    calling.call_emergency(second, doctor, reason="Chest pain since 9", by=by(doctor), now=now)
    step = Transition.select().order_by(Transition.id.desc()).get()
    assert (step.action, step.reason, Visit.get_by_id(second.id).state) == ("emergency", "Chest pain since 9", "called")
    assert AuditRow.select().where((AuditRow.action == "VisitCalled") & (AuditRow.actor_uid == doctor.uid)).exists()
    sweeps.lapse_calls(now + timedelta(seconds=121))
    after = Visit.get_by_id(second.id)
    assert (after.state, after.lapses, patient_status.position(after, now)) == ("waiting", 0, 1)
    assert patient_status.position(first, now) == 0


def test_an_emergency_call_needs_a_reason_and_is_limited(doctor, now):
    visit = visit_of()
    with pytest.raises(Invalid) as refusal:
        calling.call_emergency(visit, doctor, reason="  urgent ", by=by(doctor), now=now)
    assert refusal.value.fields == {"reason": "Say why in 10 to 200 characters."}
    for _ in range(5):
        calling.call_emergency(visit, doctor, reason="Chest pain since 9", by=by(doctor), now=now)
        calling.skip(visit, reason="", by=by(doctor), now=now)
    with pytest.raises(Conflict, match="No more emergency calls"):
        calling.call_emergency(visit, doctor, reason="Chest pain since 9", by=by(doctor), now=now)
