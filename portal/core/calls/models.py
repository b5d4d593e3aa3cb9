"""Tables of the call rooms, call events and short links of a visit."""

import peewee

from portal.core.visits.models import Visit
from portal.store.db import BaseModel, UidModel, UTCDateTimeField

HELPED, HELPER = "helped", "helper"  # kind and role of an event: somebody of a desk sits with the patient


class CallRoom(UidModel):
    """Room of one call attempt: exactly one per (visit, attempt), with the provider that opened it."""

    visit = peewee.ForeignKeyField(Visit, backref="rooms")
    attempt = peewee.IntegerField()
    provider = peewee.CharField(max_length=40)
    name = peewee.CharField(max_length=120)
    opened_at = UTCDateTimeField()
    closed_at = UTCDateTimeField(null=True)

    class Meta:
        indexes = ((("visit", "attempt"), True),)


class CallEvent(BaseModel):
    """One event of a call: append-only, kept as long as the visit. No audio or video is ever recorded.

    `kind` is joined, left, mode, quality, failed, phoned, helped or ended; `word` says which mode, how good, why.
    `connection` is one page of one person: a reload joins with another. `helped`: the participant sits with the
    patient; the word is the code of the centre.
    """

    room = peewee.ForeignKeyField(CallRoom, backref="events")
    at = UTCDateTimeField()
    kind = peewee.CharField(max_length=8)
    role = peewee.CharField(max_length=8, default="")
    participant = peewee.CharField(max_length=22, default="")
    connection = peewee.CharField(max_length=64, default="")
    word = peewee.CharField(max_length=40, default="")
    heard_at = UTCDateTimeField()


class ShortLink(BaseModel):
    """A short link to a visit's page, sent by SMS. Only the fingerprint of its key is stored."""

    key_hash = peewee.CharField(max_length=64, unique=True)
    visit = peewee.ForeignKeyField(Visit, backref="short_links", on_delete="CASCADE")
    expires_at = UTCDateTimeField(index=True)
    used_at = UTCDateTimeField(null=True)
