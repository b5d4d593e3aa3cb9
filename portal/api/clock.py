"""Time: datetimes are aware and UTC, days are the clinic's (Asia/Kolkata). Read `now` at the edge and pass it on."""

from portal.base.clock import at_ist, clinic_day, monotonic, now, sleep

__all__ = ["at_ist", "clinic_day", "monotonic", "now", "sleep"]
