"""Who marked a doctor away, and who took it back, stands in the audit chain."""

from portal.base.clock import clinic_day
from portal.core.doctors import leave
from tests.factories import make_staff
from tests.noted import actor_of, noted


def test_leave_taken_and_ended(db, now):
    doctor, by, day = make_staff(), actor_of(make_staff("admin")), clinic_day(now)
    taken = noted(lambda: leave.take_leave(doctor, day, reason="ill", by=by, now=now))
    ended = noted(lambda: leave.end_leave(doctor, day, by=by, now=now))
    assert [*taken, *ended] == [("LeaveTaken", by, doctor.uid), ("LeaveEnded", by, doctor.uid)]
