"""Settings: the wait before an SMS, and the push services that may be called."""

import re

from pydantic import Field, field_validator

from portal.api.base import gettext as _
from portal.contracts import PluginSettings

HOST = re.compile(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]{1,5})?")
# Of the makers of browsers: Google, Mozilla, Apple, Microsoft.
HOSTS = ("fcm.googleapis.com", "*.push.services.mozilla.com", "*.push.apple.com", "*.notify.windows.com")


class Settings(PluginSettings):
    """How long an SMS waits for the phone, and whom we call."""

    seconds: int = Field(
        8,
        ge=2,
        le=30,
        title=_("Seconds that an SMS waits for the phone to show the notice"),
        description=_("It goes out after that, when no phone has said that it showed the notice."),
    )
    contact: str = Field(
        "",
        max_length=120,
        title=_("E-mail address for the push services"),
        description=_("They write there when something is wrong. Empty: the address of this portal is told."),
    )
    push_hosts: tuple[str, ...] = Field(
        HOSTS,
        title=_("Push services that may be called"),
        description=_("Those of the browsers' makers, one a line; *. stands for every name before it."),
    )

    @field_validator("contact")
    @classmethod
    def _is_address(cls, text: str) -> str:
        if text and (text.count("@") != 1 or any(character.isspace() for character in text)):
            raise ValueError(_("Give an e-mail address, or nothing."))
        return text

    @field_validator("push_hosts")
    @classmethod
    def _are_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [host for host in hosts if HOST.fullmatch(host) is None]
        if wrong or not hosts:
            raise ValueError(_("Give the names of servers, such as fcm.googleapis.com, one a line."))
        return hosts

    def is_known(self, host: str) -> bool:
        """May this server be called?"""
        return any(host == known or (known[:2] == "*." and host.endswith(known[1:])) for known in self.push_hosts)
