"""Rooms, who sits in them, and the signals under way. When the call ends, only the room's name is kept."""

import peewee

from portal.core.db import BaseModel, UidModel, UTCDateTimeField


class VideoRoom(BaseModel):
    """The room of one call attempt. `last_number` counts its signals: it orders them, and caps them."""

    name = peewee.CharField(max_length=22, unique=True)
    visit_uid = peewee.CharField(max_length=22)
    attempt = peewee.IntegerField()
    opened_at = UTCDateTimeField(index=True)
    closed_at = UTCDateTimeField(null=True)
    last_number = peewee.IntegerField(default=0)

    class Meta:
        table_name = "video_webrtc_room"


class Seat(UidModel):
    """One redeemed ticket. `owner` is the signed-in person, `epoch` the page that holds the seat now, 0 for none."""

    room = peewee.ForeignKeyField(VideoRoom, backref="seats", on_delete="CASCADE")
    participant = peewee.CharField(max_length=22)
    owner = peewee.CharField(max_length=22)
    role = peewee.CharField(max_length=8)
    ticket = peewee.CharField(max_length=22, unique=True)
    epoch = peewee.IntegerField(default=0)

    class Meta:
        table_name = "video_webrtc_seat"


class Signal(BaseModel):
    """One message from page to page. `epoch` is the page it comes from, `peer` the page it is meant for."""

    room = peewee.ForeignKeyField(VideoRoom, backref="signals", on_delete="CASCADE")
    number = peewee.IntegerField()
    to_role = peewee.CharField(max_length=8)
    kind = peewee.CharField(max_length=10)
    epoch = peewee.IntegerField()
    peer = peewee.IntegerField()
    body = peewee.JSONField(default=dict)
    at = UTCDateTimeField()

    class Meta:
        table_name = "video_webrtc_signal"
        indexes = ((("room", "number"), True),)
