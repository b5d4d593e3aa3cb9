"""Audit of duty, and of leave taken and ended, with the actor."""

from portal.base.clock import clinic_day
from portal.core.doctors import duty, leave
from tests.factories import make_staff
from tests.noted import actor_of, noted


def test_taking_and_ending_leave_are_audited(db, now):
    doctor, by, day = make_staff(), actor_of(make_staff("admin")), clinic_day(now)
    taken = noted(lambda: leave.take_leave(doctor, day, reason="ill", by=by, now=now))
    ended = noted(lambda: leave.end_leave(doctor, day, by=by, now=now))
    assert [*taken, *ended] == [("LeaveTaken", by, doctor.uid), ("LeaveEnded", by, doctor.uid)]


def test_a_change_of_duty(db, now):
    doctor = make_staff()
    by = actor_of(doctor)
    notes = noted(lambda: duty.set_duty(doctor, doctor.specialty, "on", by=by, now=now))
    assert notes == [("DutyChanged", by, doctor.uid)]
