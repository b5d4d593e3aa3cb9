"""Table of the doctor's notes."""

import peewee

from portal.core.accounts.models import Staff
from portal.core.visits.models import Visit
from portal.store.db import BaseModel, UTCDateTimeField


class Consult(BaseModel):
    """Notes of one visit, a draft until the prescription is issued. `items` are the draft's medicine rows.

    `version` is for optimistic locking: it grows with every change, and a save names the one it was based on. `unread`:
    input that could not be parsed. `guardian`: name, relation and kind of identity of the adult who came with the
    patient; `consent_at`: when the doctor ticked that this adult agreed. `stated_mode`: the mode that the doctor stated
    at `mode_stated_at`; `mode`: the one in force at the last save. `added`: when each medicine came into the draft.
    `edition`: the version of the prescription that it becomes, from 1; each has a row of its own, so that a correction
    overwrites nothing. `amended_because`: why there is a further one. `withdrawn_at`: when the prescription was
    cancelled.
    """

    visit = peewee.ForeignKeyField(Visit, backref="consults")
    edition = peewee.IntegerField(default=1)
    amended_because = peewee.CharField(max_length=200, default="")
    withdrawn_at = UTCDateTimeField(null=True)
    doctor = peewee.ForeignKeyField(Staff)
    mode = peewee.CharField(max_length=8, default="")
    stated_mode = peewee.CharField(max_length=8, default="")
    mode_stated_at = UTCDateTimeField(null=True)
    kind = peewee.CharField(max_length=10, default="first")
    complaints = peewee.TextField(default="")
    history = peewee.TextField(default="")
    findings = peewee.TextField(default="")
    vitals = peewee.JSONField(default=dict)
    diagnosis = peewee.TextField(default="")
    plain = peewee.TextField(default="")
    icd10 = peewee.CharField(max_length=12, default="")
    investigations = peewee.TextField(default="")
    advice = peewee.TextField(default="")
    present = peewee.CharField(max_length=10, default="")
    guardian = peewee.JSONField(default=dict)
    consent_at = UTCDateTimeField(null=True)
    follow_up_on = peewee.DateField(null=True, index=True)
    seen_in_person_on = peewee.DateField(null=True)
    last_period_on = peewee.DateField(null=True)
    items = peewee.JSONField(default=list)
    added = peewee.JSONField(default=dict)
    unread = peewee.JSONField(default=dict)
    version = peewee.IntegerField(default=0)
    identity_confirmed_at = UTCDateTimeField(null=True)
    age_confirmed_at = UTCDateTimeField(null=True)
    started_at = UTCDateTimeField()
    saved_at = UTCDateTimeField()
    ended_at = UTCDateTimeField(null=True)

    class Meta:
        indexes = ((("visit", "edition"), True),)
