"""Tables of reports: counts by day, and the days that are due to be counted."""

import peewee

from portal.store.db import BaseModel, UTCDateTimeField

ALL = 0  # in the place of a specialty or a centre: of all of them together


class ReportRow(BaseModel):
    """Counts of one clinic day, or of the month that begins on it, for one specialty and centre (ALL: together).

    `part` says what is counted (counting.py), so that a page reads no more than it shows; `counts`: how many, by key.
    """

    begins = peewee.DateField()
    is_month = peewee.BooleanField(default=False)
    specialty = peewee.IntegerField(default=ALL)
    centre = peewee.IntegerField(default=ALL)
    part = peewee.CharField(max_length=12)
    counts = peewee.JSONField()

    class Meta:
        indexes = (
            (("part", "is_month", "specialty", "centre", "begins"), True),
            (("begins", "is_month"), False),
        )


class ReportDay(BaseModel):
    """A clinic day of the reports. `is_due`: something has happened since it was counted, `version` times."""

    day = peewee.DateField(unique=True)
    is_due = peewee.BooleanField(default=True)
    version = peewee.IntegerField(default=1)
    counted_at = UTCDateTimeField(null=True)


ReportDay.add_index(ReportDay.index(ReportDay.day, name="report_day_due").where(ReportDay.is_due))


class ReportMark(BaseModel):
    """The last event whose day is noted; one row."""

    event = peewee.BigIntegerField(default=0)
