"""The channels that plugins offer now, and which texts each carries."""

from dataclasses import dataclass

from portal.contracts import ChannelTemplate, MessageChannel
from portal.core.messages.kinds import KINDS, SECRET
from portal.plugin_host.fallbacks import channels_of
from portal.plugin_host.registry import registry


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
        return found if found and set(found.parameters) <= KINDS[kind].names else None

    def kinds(self) -> list[str]:
        """List the kinds that it carries in any language, in the order of the pages."""
        named = {(each.kind, each.language) for each in self.channel.templates if each.kind in KINDS}
        return [key for key in KINDS if any(kind == key and self.carries(*pair) for pair in named for kind in pair[:1])]


def offers() -> list[Offer]:
    """List the channels in the order of the plugins; one that carries nothing is left out."""
    found = [Offer(name, channel) for name, channel in channels_of(registry())]
    return [offer for offer in found if offer.kinds()]
