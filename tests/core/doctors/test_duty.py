"""Duty: changed, and audited with the actor."""

import pytest

from portal.base.clock import clinic_day
from portal.base.errors import Conflict, NotFound
from portal.core.doctors import duty, leave
from tests.core.doctors.test_leave import ADMIN, away
from tests.core.doctors.test_leave import after_midnight as after_midnight
from tests.factories import make_duty, make_staff
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
