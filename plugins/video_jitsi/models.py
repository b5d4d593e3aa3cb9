"""Rooms, their seats, and the webhook calls received. None has the name of a person."""

import peewee

from portal.api.storage import BaseModel, UidModel, UTCDateTimeField


class JitsiRoom(BaseModel):
    """Room of one call attempt: `uid` is the core's, `name` the server's."""

    uid = peewee.CharField(max_length=22, unique=True)
    name = peewee.CharField(max_length=40, unique=True)
    opened_at = UTCDateTimeField(index=True)
    closed_at = UTCDateTimeField(null=True)

    class Meta:
        table_name = "video_jitsi_room"


class JitsiSeat(UidModel):
    """One redeemed ticket: the signed-in `owner` may get tokens for the room until it is closed."""

    room = peewee.ForeignKeyField(JitsiRoom, backref="seats", on_delete="CASCADE")
    participant = peewee.CharField(max_length=22)
    owner = peewee.CharField(max_length=22)
    role = peewee.CharField(max_length=8)
    ticket = peewee.CharField(max_length=22, unique=True)

    class Meta:
        table_name = "video_jitsi_seat"


class JitsiCallback(BaseModel):
    """Idempotency key of a received webhook call."""

    key = peewee.CharField(max_length=80, unique=True)
    at = UTCDateTimeField(index=True)

    class Meta:
        table_name = "video_jitsi_callback"
