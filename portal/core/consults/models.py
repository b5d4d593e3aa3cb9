"""The doctor's notes of a visit, the rooms of its call attempts, and what happened in them."""

import peewee

from portal.core.accounts.models import Staff
from portal.core.visits.models import Visit
from portal.store.db import BaseModel, UidModel, UTCDateTimeField


class Consult(BaseModel):
    """The notes of one visit, a draft until the prescription is issued. `items` are the draft's medicine rows.

    `version` grows with every change; whoever saves names the one that was read. `unread`: what could not be read.
    """

    visit = peewee.ForeignKeyField(Visit, unique=True, backref="consults")
    doctor = peewee.ForeignKeyField(Staff)
    mode = peewee.CharField(max_length=8, default="video")
    kind = peewee.CharField(max_length=10, default="first")
    complaints = peewee.TextField(default="")
    history = peewee.TextField(default="")
    findings = peewee.TextField(default="")
    vitals = peewee.JSONField(default=dict)
    diagnosis = peewee.TextField(default="")
    icd10 = peewee.CharField(max_length=12, default="")
    investigations = peewee.TextField(default="")
    advice = peewee.TextField(default="")
    follow_up_on = peewee.DateField(null=True)
    items = peewee.JSONField(default=list)
    unread = peewee.JSONField(default=dict)
    version = peewee.IntegerField(default=0)
    identity_confirmed_at = UTCDateTimeField(null=True)
    age_confirmed_at = UTCDateTimeField(null=True)
    started_at = UTCDateTimeField()
    saved_at = UTCDateTimeField()
    ended_at = UTCDateTimeField(null=True)


class CallRoom(UidModel):
    """The room of one call attempt: exactly one per (visit, attempt), with the provider that opened it."""

    visit = peewee.ForeignKeyField(Visit, backref="rooms")
    attempt = peewee.IntegerField()
    provider = peewee.CharField(max_length=40)
    name = peewee.CharField(max_length=120)
    opened_at = UTCDateTimeField()
    closed_at = UTCDateTimeField(null=True)

    class Meta:
        indexes = ((("visit", "attempt"), True),)


class CallEvent(BaseModel):
    """One thing that happened in a call: appended, never changed; kept as long as the visit. No sound, no picture.

    `kind` is joined, left, mode, quality, failed, phoned or ended; `word` says which mode, how good, why. `connection`
    is one page of one person: who reloads joins with another.
    """

    room = peewee.ForeignKeyField(CallRoom, backref="events")
    at = UTCDateTimeField()
    kind = peewee.CharField(max_length=8)
    role = peewee.CharField(max_length=8, default="")
    participant = peewee.CharField(max_length=22, default="")
    connection = peewee.CharField(max_length=64, default="")
    word = peewee.CharField(max_length=40, default="")
    heard_at = UTCDateTimeField()
