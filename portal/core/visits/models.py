"""Clinic sessions, visits (a token each), their transitions, and the doctors' duty."""

import peewee

from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.core.db import BaseModel, UidModel, UTCDateTimeField
from portal.core.referrals.models import Referral
from portal.core.visits.specialties import Specialty


class Holiday(BaseModel):
    """A day without clinic."""

    day = peewee.DateField(unique=True)
    name = peewee.CharField(max_length=80)
    name_hi = peewee.CharField(max_length=80, default="")


class ClinicSession(UidModel):
    """One specialty on one clinic day. `last_number` is the token counter: it only rises."""

    specialty = peewee.ForeignKeyField(Specialty, backref="sessions")
    day = peewee.DateField()
    opens_at = UTCDateTimeField()
    closes_at = UTCDateTimeField()
    quota = peewee.IntegerField()
    last_number = peewee.IntegerField(default=0)
    closed_at = UTCDateTimeField(null=True)
    version = peewee.IntegerField(default=0)

    class Meta:
        indexes = ((("specialty", "day"), True),)


class Visit(UidModel):
    """A token and what became of it. The row is the truth; `Transition` is its history."""

    session = peewee.ForeignKeyField(ClinicSession, backref="visits")
    number = peewee.IntegerField()
    beneficiary = peewee.ForeignKeyField(Beneficiary, backref="visits")
    referral = peewee.ForeignKeyField(Referral, null=True, backref="visits")
    exemption = peewee.CharField(max_length=20, default="")
    priority = peewee.IntegerField(default=0)
    priority_reason = peewee.CharField(max_length=20, default="")
    complaint = peewee.CharField(max_length=500)
    state = peewee.CharField(max_length=16, default="waiting", index=True)
    state_since = UTCDateTimeField()
    requested_at = UTCDateTimeField()
    here_until = UTCDateTimeField(null=True)
    doctor = peewee.ForeignKeyField(Staff, null=True, backref="visits")
    attempt = peewee.IntegerField(default=0)
    lapses = peewee.IntegerField(default=0)
    call_deadline = UTCDateTimeField(null=True)
    lease_until = UTCDateTimeField(null=True)
    near_turn_told = peewee.BooleanField(default=False)
    live_key = peewee.CharField(max_length=20, null=True, unique=True)

    class Meta:
        indexes = ((("session", "number"), True),)

    @property
    def token(self) -> str:
        """The token as people read it, such as MED-012."""
        return f"{self.session.specialty.prefix}-{self.number:03d}"


class Transition(BaseModel):
    """One step of a visit: who, when, from where to where, why. Appended, never changed."""

    visit = peewee.ForeignKeyField(Visit, backref="transitions")
    at = UTCDateTimeField()
    from_state = peewee.CharField(max_length=16)
    to_state = peewee.CharField(max_length=16)
    actor_kind = peewee.CharField(max_length=10)
    actor_uid = peewee.CharField(max_length=22)
    reason = peewee.CharField(max_length=200, default="")


class Duty(BaseModel):
    """A doctor's duty in a session: on, break10, break20, break30 or off."""

    session = peewee.ForeignKeyField(ClinicSession, backref="duties")
    doctor = peewee.ForeignKeyField(Staff, backref="duties")
    state = peewee.CharField(max_length=8)
    until = UTCDateTimeField(null=True)
    changed_at = UTCDateTimeField()

    class Meta:
        indexes = ((("session", "doctor"), True),)
