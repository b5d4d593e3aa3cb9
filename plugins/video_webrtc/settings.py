"""What the administrator may set: the servers that help two browsers find each other."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator

from portal.contracts import PluginSettings
from portal.core.language import gettext as _

STUN = re.compile(r"stuns?:[\w.\-\[\]:]+")
TURN = re.compile(r"turns?:[\w.\-\[\]:]+(\?transport=(udp|tcp))?")


def _split(value: Any) -> Any:
    """An environment variable holds all addresses in one line."""
    return re.split(r"[\s,]+", value.strip(", \n\t")) if isinstance(value, str) and value.strip() else value or ()


Addresses = Annotated[tuple[str, ...], BeforeValidator(_split)]


class Settings(PluginSettings):
    """STUN and TURN. All empty: only browsers that can reach each other directly get through."""

    stun_urls: Addresses = Field(
        (),
        title=_("STUN servers"),
        description=_("One a line, such as stun:stun.example.in:3478. They tell a browser its own internet address."),
    )
    turn_urls: Addresses = Field(
        (),
        title=_("TURN servers"),
        description=_(
            "One a line, such as turn:turn.example.in:3478?transport=udp. They relay calls that find no direct way."
        ),
    )
    turn_username: str = Field("", max_length=200, title=_("TURN user name"))
    turn_credential: SecretStr = Field(
        SecretStr(""),
        title=_("TURN password"),
        description=_("The browsers of both sides of a call get to know it."),
    )
    force_relay: bool = Field(
        False,
        title=_("Always relay through TURN"),
        description=_("Patient and doctor then never learn each other's internet address."),
    )

    @field_validator("stun_urls")
    @classmethod
    def _stun(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(STUN.fullmatch(url) for url in value):
            raise ValueError(_("Each STUN server must look like stun:stun.example.in:3478."))
        return value

    @field_validator("turn_urls")
    @classmethod
    def _turn(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(TURN.fullmatch(url) for url in value):
            raise ValueError(_("Each TURN server must look like turn:turn.example.in:3478?transport=udp."))
        return value

    @model_validator(mode="after")
    def _complete(self) -> "Settings":
        if self.turn_urls and not (self.turn_username and self.turn_credential.get_secret_value()):
            raise ValueError(_("A TURN server needs a user name and a password."))
        if self.force_relay and not self.turn_urls:
            raise ValueError(_("Relaying every call needs a TURN server."))
        return self

    def for_browser(self) -> dict[str, Any]:
        """The RTCConfiguration of the call's page."""
        servers: list[dict[str, Any]] = [{"urls": list(self.stun_urls)}] if self.stun_urls else []
        if self.turn_urls:
            secret = self.turn_credential.get_secret_value()
            servers.append({"urls": list(self.turn_urls), "username": self.turn_username, "credential": secret})
        return {"iceServers": servers, "iceTransportPolicy": "relay" if self.force_relay else "all"}
