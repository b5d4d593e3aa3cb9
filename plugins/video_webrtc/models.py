"""Rooms, their seats, and signals in transit. After the call the room's name and the chat stay."""

import peewee

from portal.api.storage import BaseModel, UidModel, UTCDateTimeField


class VideoRoom(BaseModel):
    """Room of one call attempt. `uid` is the core's name for it; `last_number` counts and limits its signals."""

    uid = peewee.CharField(max_length=22, unique=True)
    name = peewee.CharField(max_length=22, unique=True)
    visit_uid = peewee.CharField(max_length=22)
    attempt = peewee.IntegerField()
    opened_at = UTCDateTimeField(index=True)
    closed_at = UTCDateTimeField(null=True)
    last_number = peewee.IntegerField(default=0)

    class Meta:
        table_name = "video_webrtc_room"


class Seat(UidModel):
    """One redeemed ticket. `owner` is whose browser it is, `epoch` the page that holds the seat now, 0 for none.

    A guest's seat waits until the doctor has admitted the guest.
    """

    room = peewee.ForeignKeyField(VideoRoom, backref="seats", on_delete="CASCADE")
    participant = peewee.CharField(max_length=22)
    owner = peewee.CharField(max_length=22)
    role = peewee.CharField(max_length=8)
    name = peewee.CharField(max_length=60, default="")
    ticket = peewee.CharField(max_length=22, unique=True)
    epoch = peewee.IntegerField(default=0)
    admitted_at = UTCDateTimeField(null=True)

    class Meta:
        table_name = "video_webrtc_seat"


class Signal(BaseModel):
    """One message from page to page. `epoch` is the sending page, `peer` the receiving one, 0 for all."""

    room = peewee.ForeignKeyField(VideoRoom, backref="signals", on_delete="CASCADE")
    number = peewee.IntegerField()
    kind = peewee.CharField(max_length=10)
    epoch = peewee.IntegerField()
    peer = peewee.IntegerField()
    body = peewee.JSONField(default=dict)
    at = UTCDateTimeField()

    class Meta:
        table_name = "video_webrtc_signal"
        indexes = ((("room", "number"), True),)


class Invitation(UidModel):
    """The doctor's one-time link for a third person. Redeemed by "Ask to come in", not by reading it."""

    room = peewee.ForeignKeyField(VideoRoom, backref="invitations", on_delete="CASCADE")
    name = peewee.CharField(max_length=60)
    ends_at = UTCDateTimeField()
    used_at = UTCDateTimeField(null=True)
    revoked_at = UTCDateTimeField(null=True)

    class Meta:
        table_name = "video_webrtc_invitation"


class ChatLine(BaseModel):
    """One chat line of a call: part of the record of the consultation, whose log the guidelines ask for."""

    visit_uid = peewee.CharField(max_length=22, index=True)
    attempt = peewee.IntegerField()
    role = peewee.CharField(max_length=8)
    name = peewee.CharField(max_length=60, default="")
    text = peewee.CharField(max_length=1000)
    at = UTCDateTimeField(index=True)

    class Meta:
        table_name = "video_webrtc_chat"


class CheckResult(BaseModel):
    """Result of the last call check of a waiting patient, for the doctor."""

    visit_uid = peewee.CharField(max_length=22, unique=True)
    findings = peewee.JSONField(default=dict)
    at = UTCDateTimeField(index=True)

    class Meta:
        table_name = "video_webrtc_check"
