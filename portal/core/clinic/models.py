"""Centres, specialties and their hours, holidays and clinic sessions."""

from datetime import datetime

import peewee

from portal.base.clock import clinic_day
from portal.store.db import BaseModel, NameField, UidModel, UTCDateTimeField

NEUTRAL = "OPD"


class Specialty(BaseModel):
    """A specialty with its token prefix, such as MED.

    `is_private`: its notes are its own doctors', and past visits stand in the family's account as "a visit". Its tokens
    have the `neutral_prefix`, as texts stay on the family's telephone and displays are read by the hall.
    """

    code = peewee.CharField(max_length=24, unique=True)
    prefix = peewee.CharField(max_length=4, unique=True)
    name = NameField()
    name_hi = NameField(default="")
    active = peewee.BooleanField(default=True)
    is_private = peewee.BooleanField(default=False)
    neutral_prefix = peewee.CharField(max_length=4, default="")

    @property
    def token_prefix(self) -> str:
        """The prefix of new tokens."""
        return str((self.neutral_prefix or NEUTRAL) if self.is_private else self.prefix)


class Centre(BaseModel):
    """A wellness centre, known by its code."""

    code = peewee.CharField(max_length=8, unique=True)
    name = NameField()
    name_hi = NameField(default="")
    city = peewee.CharField(max_length=60, default="")
    address = peewee.CharField(max_length=200, default="")
    phone = peewee.CharField(max_length=20, default="")
    active = peewee.BooleanField(default=True)


class Holiday(BaseModel):
    """A day without clinic."""

    day = peewee.DateField(unique=True)
    name = NameField()
    name_hi = NameField(default="")


class SpecialtyHours(BaseModel):
    """What one specialty does on a weekday (1 Monday to 7 Sunday), or on one `day`: hours and quota, or closed.

    What is empty is as in the clinic's settings. A row of a day replaces that of its weekday.
    """

    specialty = peewee.ForeignKeyField(Specialty, backref="hours")
    weekday = peewee.IntegerField(null=True)
    day = peewee.DateField(null=True)
    is_open = peewee.BooleanField(default=True)
    opens_at = peewee.TimeField(null=True)
    closes_at = peewee.TimeField(null=True)
    quota = peewee.IntegerField(null=True)
    reason = peewee.CharField(max_length=200, default="")

    class Meta:
        indexes = ((("specialty", "weekday"), True), (("specialty", "day"), True))


class ClinicSession(UidModel):
    """One specialty on one clinic day. `last_number` only rises; caches compare `version`.

    `prefix` of its tokens: what was given out keeps it when the specialty's is changed.
    """

    specialty = peewee.ForeignKeyField(Specialty, backref="sessions")
    day = peewee.DateField(index=True)
    opens_at = UTCDateTimeField()
    closes_at = UTCDateTimeField()
    quota = peewee.IntegerField()
    last_number = peewee.IntegerField(default=0)
    closed_at = UTCDateTimeField(null=True)
    version = peewee.IntegerField(default=0)
    prefix = peewee.CharField(max_length=4, default="")

    class Meta:
        indexes = ((("specialty", "day"), True),)

    @property
    def token_prefix(self) -> str:
        """The prefix of its tokens."""
        return str(self.prefix or self.specialty.token_prefix)

    def has_come(self, now: datetime) -> bool:
        """Is this session of today or earlier? Carried tokens are of a later day."""
        return bool(self.day <= clinic_day(now))


def bump(session: ClinicSession) -> None:
    """Bump the session's version, so that caches of it go stale. Locks its row to the end of the transaction."""
    ClinicSession.update(version=ClinicSession.version + 1).where(ClinicSession.id == session.id).execute()
