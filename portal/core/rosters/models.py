"""Weekly patterns of doctors, what differs on single days, leave, and the changes made to all of it."""

from dataclasses import dataclass
from typing import Annotated

import peewee

from portal.core.accounts.models import Staff
from portal.core.clinic.models import Specialty
from portal.store.db import BaseModel, UidModel, UTCDateTimeField
from portal.work.catalogue import DomainEvent


class DoctorWeek(BaseModel):
    """A doctor's weekly pattern from `begins` on, to `ends` where given: a letter for each day, Monday first.

    Letters: d whole day, 1 first half, 2 second half, - not there. The one that began last counts.
    """

    doctor = peewee.ForeignKeyField(Staff, backref="weeks")
    begins = peewee.DateField()
    ends = peewee.DateField(null=True)
    days = peewee.CharField(max_length=7)

    class Meta:
        indexes = ((("doctor", "begins"), True),)


class DoctorDay(BaseModel):
    """What differs from a doctor's pattern on one day: half a day, an extra day, a swap. The letter replaces it."""

    doctor = peewee.ForeignKeyField(Staff, backref="days")
    day = peewee.DateField(index=True)
    part = peewee.CharField(max_length=1)
    reason = peewee.CharField(max_length=200, default="")

    class Meta:
        indexes = ((("doctor", "day"), True),)


class Leave(BaseModel):
    """A doctor's leave on a day, or for the rest of it."""

    doctor = peewee.ForeignKeyField(Staff, backref="leaves")
    day = peewee.DateField()
    reason = peewee.CharField(max_length=200, default="")
    at = UTCDateTimeField()
    by_uid = peewee.CharField(max_length=22)

    class Meta:
        indexes = ((("doctor", "day"), True),)


class RosterChange(UidModel):
    """A change that an administrator or a doctor made to a roster: its history, and what changes it back.

    `before` and `after` are lists of [slot, values] (book.py); `undoes` is the change that this one changed back.
    """

    kind = peewee.CharField(max_length=12)
    specialty = peewee.ForeignKeyField(Specialty, backref="roster_changes")
    before = peewee.JSONField()
    after = peewee.JSONField()
    at = UTCDateTimeField()
    by = peewee.ForeignKeyField(Staff, backref="roster_changes")
    undoes = peewee.ForeignKeyField("self", null=True, unique=True, backref="undone_by")


@dataclass(frozen=True)
class RosterChanged(DomainEvent, about="the change, by its uid"):
    """A roster is changed, or changed back: who is there, or a specialty's hours and quota."""

    kind: Annotated[str, "what was changed: week, day, swap, leave, hours or date"]
    specialty: Annotated[str, "code of the specialty"]
    undoes: Annotated[str, "uid of the change that was changed back; empty: none"] = ""
