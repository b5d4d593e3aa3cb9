"""Settings: the servers that help two browsers find each other."""

import base64
import hashlib
import hmac
import re
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator

from portal.api.base import gettext as _
from portal.contracts import PluginSettings

STUN = re.compile(r"stuns?:[\w.\-\[\]:]+")
TURN = re.compile(r"turns?:[\w.\-\[\]:]+(\?transport=(udp|tcp))?")
LIFE = timedelta(minutes=10)
SHORTEST_SECRET = 16


def _split(value: Any) -> Any:
    """Split a setting: an environment variable has all URLs in one line."""
    return re.split(r"[\s,]+", value.strip(", \n\t")) if isinstance(value, str) and value.strip() else value or ()


Addresses = Annotated[tuple[str, ...], BeforeValidator(_split)]


class Settings(PluginSettings):
    """STUN and TURN. All empty: only browsers that can reach each other directly connect."""

    stun_urls: Addresses = Field(
        (),
        title=_("STUN servers"),
        description=_("One a line, such as stun:stun.example.in:3478. They tell a browser its own internet address."),
    )
    turn_urls: Addresses = Field(
        (),
        title=_("TURN servers"),
        description=_(
            "One a line, such as turn:turn.example.in:3478?transport=udp. With a TURN server every call goes through "
            "it, and patient and doctor never learn each other's internet address."
        ),
    )
    turn_secret: SecretStr = Field(
        SecretStr(""),
        title=_("Secret shared with the TURN servers"),
        description=_(
            "At least 16 signs: static-auth-secret of coturn. Browsers never see it; they get a password for ten "
            "minutes."
        ),
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
        if self.turn_urls and len(self.turn_secret.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(_("A TURN server needs a shared secret of at least 16 signs."))
        return self

    def for_browser(self, uid: str, now: datetime) -> dict[str, Any]:
        """Build the RTCConfiguration of one person's page: relay only where there is a TURN server."""
        if self.turn_urls:
            name, password = credentials(self.turn_secret.get_secret_value(), uid, now + LIFE)
            servers = [{"urls": list(self.turn_urls), "username": name, "credential": password}]
            return {"iceServers": servers, "iceTransportPolicy": "relay"}
        servers = [{"urls": list(self.stun_urls)}] if self.stun_urls else []
        return {"iceServers": servers, "iceTransportPolicy": "all"}


def credentials(secret: str, uid: str, ends_at: datetime) -> tuple[str, str]:
    """Make a user name and password that every TURN server with this secret accepts until then (its "REST API")."""
    name = f"{int(ends_at.timestamp())}:{uid}"
    # SHA-1 is what the TURN servers' interface asks for.
    digest = hmac.new(secret.encode(), name.encode(), hashlib.sha1).digest()
    return name, base64.b64encode(digest).decode()
