"""The time: moments are aware and in UTC, days are the clinic's (Asia/Kolkata). Read it at the edge, pass it on."""

from portal.base.clock import at_ist, clinic_day, monotonic, now, sleep

__all__ = ["at_ist", "clinic_day", "monotonic", "now", "sleep"]
