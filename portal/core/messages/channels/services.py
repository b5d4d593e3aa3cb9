"""The channels that plugins offer, which texts each carries, and who has asked for one: nobody is put on by others."""

from dataclasses import dataclass
from datetime import datetime

from portal.base.errors import NotFound
from portal.contracts import ChannelTemplate, MessageChannel
from portal.core.accounts.models import Account
from portal.core.messages.channels.models import ChannelChoice, ChannelChosen, ChannelLeft
from portal.core.messages.kinds import KINDS, SECRET
from portal.plugin_host.fallbacks import channels_of
from portal.plugin_host.registry import registry
from portal.store.db import one_at_a_time, write
from portal.work.audit import Actor
from portal.work.events import record


@dataclass(frozen=True)
class Offer:
    """A channel and the plugin that offers it."""

    plugin: str
    channel: MessageChannel

    @property
    def source(self) -> str:
        """The plugin's title: whom the mobile number is given to."""
        return registry().title(self.plugin)

    def carries(self, kind: str, language: str) -> ChannelTemplate | None:
        """Return the template of a text, None when it goes by SMS alone. A one-time password must be declared."""
        if kind in SECRET and not self.channel.carries_otp:
            return None
        mine = (each for each in self.channel.templates if (each.kind, each.language) == (kind, language))
        found = next(mine, None)
        is_known = found is not None and kind in KINDS and set(found.parameters) <= KINDS[kind].names
        return found if is_known else None

    def kinds(self) -> list[str]:
        """List the kinds that it carries in any language, in the order of the pages."""
        carried = {each.kind for each in self.channel.templates if self.carries(each.kind, each.language)}
        return [key for key in KINDS if key in carried]


def offers() -> list[Offer]:
    """List the channels in the order of the plugins; one that carries nothing is left out."""
    found = [Offer(name, channel) for name, channel in channels_of(registry())]
    return [offer for offer in found if offer.kinds()]


def chosen(account: Account) -> dict[tuple[str, str], ChannelChoice]:
    """Return what an account has asked for, by plugin and channel; also what is not offered just now."""
    rows = ChannelChoice.select().where(ChannelChoice.account == account).order_by(ChannelChoice.id)
    return {(row.plugin, row.channel): row for row in rows}


def choose(account: Account, plugin: str, channel: str, *, by: Actor, now: datetime) -> None:
    """Ask for a channel. Idempotent. Raises NotFound for one that is not offered."""
    if not any((offer.plugin, offer.channel.key) == (plugin, channel) for offer in offers()):
        raise NotFound
    with write():
        one_at_a_time(f"channels {account.uid}")
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
