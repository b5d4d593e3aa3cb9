"""Duty: changed, and audited with the actor."""

from datetime import timedelta

import pytest

from portal.base.clock import clinic_day
from portal.base.errors import Conflict, Invalid, NotFound
from portal.core.doctors import duty, leave
from portal.core.visits.models import Duty
from portal.work.audit import Actor
from portal.work.events import Event
from tests.core.doctors.test_leave import ADMIN, away
from tests.core.doctors.test_leave import after_midnight as after_midnight
from tests.factories import make_duty, make_staff, make_visit
from tests.noted import actor_of, noted


def test_a_change_of_duty(db, now):
    doctor = make_staff()
    by = actor_of(doctor)
    notes = noted(lambda: duty.set_duty(doctor, doctor.specialty, "on", by=by, now=now))
    assert notes == [("DutyChanged", by, doctor.uid)]


def test_a_doctor_on_leave_goes_on_duty_only_after_ending_it(db, now):
    doctor = make_staff()
    away(doctor, now)
    with pytest.raises(Conflict, match="End your leave first"):
        duty.set_duty(doctor, doctor.specialty, "on", by=ADMIN, now=now)
    leave.end_leave(doctor, clinic_day(now), by=ADMIN, now=now)
    assert duty.set_duty(doctor, doctor.specialty, "on", by=ADMIN, now=now).state == "on"
    with pytest.raises(NotFound):
        leave.end_leave(doctor, clinic_day(now), by=ADMIN, now=now)


def test_leave_after_midnight_bars_duty_in_yesterdays_session(after_midnight, clock):
    doctor, visit = after_midnight
    make_duty(make_staff(), visit.session, "on")
    away(doctor, clock.now())
    with pytest.raises(Conflict, match="End your leave first"):
        duty.set_duty(doctor, visit.session.specialty, "on", by=ADMIN, now=clock.now())


DOCTOR = Actor("staff", "doctor")


@pytest.mark.parametrize(("state", "minutes"), [("on", None), ("break20", 20), ("off", None)])
def test_setting_duty_stores_its_end_and_records_the_event(db, now, state, minutes):
    doctor = make_staff()
    row = duty.set_duty(doctor, doctor.specialty, state, by=DOCTOR, now=now)
    assert row.until == (now + timedelta(minutes=minutes) if minutes else None)
    assert Event.get(Event.name == "DutyChanged").data["state"] == state


def test_changing_duty_twice_leaves_one_row(db, now):
    doctor = make_staff()
    for state in ("on", "break10"):
        duty.set_duty(doctor, doctor.specialty, state, by=DOCTOR, now=now)
    assert [row.state for row in Duty.select()] == ["break10"]


def test_an_unknown_duty_is_refused(db, now):
    doctor = make_staff()
    with pytest.raises(Invalid) as refusal:
        duty.set_duty(doctor, doctor.specialty, "asleep", by=DOCTOR, now=now)
    assert refusal.value.fields == {"state": "Choose on duty, a break or off duty."}
    assert Duty.select().count() == 0


def test_a_doctor_with_a_patient_may_take_a_break_but_not_go_off_duty(db, now):
    doctor = make_staff()
    make_visit("in_call", doctor=doctor)
    duty.set_duty(doctor, doctor.specialty, "break10", by=DOCTOR, now=now)
    with pytest.raises(Conflict, match="You still have a patient"):
        duty.set_duty(doctor, doctor.specialty, "off", by=DOCTOR, now=now)
    assert Duty.get().state == "break10"
