"""Our key, the browsers that want notices, and what was pushed. None has the name of a person."""

import peewee

from portal.api.storage import BaseModel, SealedField, UTCDateTimeField


class PushKey(BaseModel):
    """The key by which push services know us (VAPID, RFC 8292). One row, made when it is first needed."""

    private = SealedField("web push keys")

    class Meta:
        table_name = "notify_webpush_key"


class Subscription(BaseModel):
    """A browser that wants notices for a mobile. `address`: what it gave us, as JSON; `digest` of its address alone."""

    account = peewee.CharField(max_length=22, index=True)
    mobile = peewee.CharField(max_length=16, index=True)
    digest = peewee.CharField(max_length=64, unique=True)
    address = SealedField("web push addresses")
    since = UTCDateTimeField()

    class Meta:
        table_name = "notify_webpush_subscription"


class Push(BaseModel):
    """A message that was pushed. `key`: SHA-256 of the one-time key by which a browser says that it showed it."""

    message = peewee.CharField(max_length=22, unique=True)
    key = peewee.CharField(max_length=64, unique=True)
    sent_at = UTCDateTimeField(index=True)
    until = UTCDateTimeField()
    shown_at = UTCDateTimeField(null=True)

    class Meta:
        table_name = "notify_webpush_push"
