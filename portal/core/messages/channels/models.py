"""Who has asked for a channel beside SMS."""

from dataclasses import dataclass
from typing import Annotated

import peewee

from portal.core.accounts.models import Account
from portal.store.db import BaseModel, UTCDateTimeField
from portal.work.catalogue import DomainEvent


class ChannelChoice(BaseModel):
    """An account that has asked for a channel; the row goes when it no longer wants it. The audit log has both."""

    account = peewee.ForeignKeyField(Account, backref="channels", on_delete="CASCADE")
    plugin = peewee.CharField(max_length=40)
    channel = peewee.CharField(max_length=20)
    since = UTCDateTimeField()

    class Meta:
        indexes = ((("account", "plugin", "channel"), True),)


@dataclass(frozen=True)
class ChannelChosen(DomainEvent, about="the account"):
    """The owner of a mobile asked for messages by a channel beside SMS."""

    plugin: Annotated[str, "the plugin of the channel"]
    channel: Annotated[str, "the channel's key"]


@dataclass(frozen=True)
class ChannelLeft(DomainEvent, about="the account"):
    """The owner of a mobile no longer wants messages by a channel."""

    plugin: Annotated[str, "the plugin of the channel"]
    channel: Annotated[str, "the channel's key"]
