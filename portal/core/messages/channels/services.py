"""Asking for a channel, and leaving it. Nobody is put on one by others."""

from datetime import datetime

from portal.base.errors import NotFound
from portal.core.accounts.models import Account
from portal.core.messages.channels.models import ChannelChoice, ChannelChosen, ChannelLeft
from portal.core.messages.channels.offers import Offer, offers
from portal.store.db import write
from portal.work.audit import Actor
from portal.work.events import record


def chosen(account: Account) -> dict[tuple[str, str], ChannelChoice]:
    """Return what an account has asked for, by plugin and channel; also what is not offered just now."""
    rows = ChannelChoice.select().where(ChannelChoice.account == account).order_by(ChannelChoice.id)
    return {(row.plugin, row.channel): row for row in rows}


def choose(account: Account, plugin: str, channel: str, *, by: Actor, now: datetime) -> None:
    """Ask for a channel. Idempotent. Raises NotFound for one that is not offered."""
    if not any((offer.plugin, offer.channel.key) == (plugin, channel) for offer in offers()):
        raise NotFound
    with write():
        if (plugin, channel) not in chosen(account):
            ChannelChoice.create(account=account, plugin=plugin, channel=channel, since=now)
            record(ChannelChosen(plugin=plugin, channel=channel), account.uid, by=by, now=now)


def leave(account: Account, plugin: str, channel: str, *, by: Actor, now: datetime) -> None:
    """Leave a channel, also one that is no longer offered. Idempotent."""
    mine = (ChannelChoice.account == account) & (ChannelChoice.plugin == plugin) & (ChannelChoice.channel == channel)
    with write():
        if ChannelChoice.delete().where(mine).execute():
            record(ChannelLeft(plugin=plugin, channel=channel), account.uid, by=by, now=now)


def wanted_by(mobile: str) -> list[Offer]:
    """List the offered channels that this mobile has asked for."""
    rows = ChannelChoice.select().join(Account).where((Account.mobile == mobile) & Account.disabled_at.is_null())
    keys = {(row.plugin, row.channel) for row in rows}
    return [offer for offer in offers() if (offer.plugin, offer.channel.key) in keys] if keys else []
