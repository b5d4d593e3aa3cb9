"""Settings: the Jitsi server, and the key that signs its tokens."""

import re
from typing import Literal
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import Field, SecretStr, field_validator, model_validator

from portal.api import outbound
from portal.api.base import gettext as _
from portal.contracts import PluginSettings

SERVICE = "8x8.vc"
TENANT = "vpaas-magic-cookie-"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SHORTEST_SECRET = 32
NAME = re.compile(r"[A-Za-z0-9._/-]{1,120}")
PEM = re.compile(r"-----BEGIN ([A-Z ]+)-----(.+?)-----END \1-----", re.DOTALL)


class Settings(PluginSettings):
    """A server that requires tokens, and the claims of ours."""

    server: str = Field(
        title=_("Jitsi server"),
        description=_(
            "The address of your own server, such as https://meet.example.in. The public meet.jit.si is refused: "
            "it ends embedded calls after five minutes. A server that lets anybody in without a token is refused too."
        ),
    )
    algorithm: Literal["HS256", "RS256"] = Field(
        "HS256",
        title=_("How tokens are signed"),
        description=_("HS256: with a secret that the server knows. RS256: with a private key, as 8x8's service wants."),
    )
    app_id: str = Field(
        title=_("Application ID"),
        description=_(
            "As in the server's configuration (app_id); for 8x8's service it begins with vpaas-magic-cookie-."
        ),
    )
    app_secret: SecretStr = Field(
        SecretStr(""), title=_("Application secret"), description=_("For HS256: at least 32 characters (app_secret).")
    )
    key_id: str = Field(
        "", max_length=200, title=_("Key ID"), description=_("For RS256: under which name the server knows the key.")
    )
    private_key: SecretStr = Field(
        SecretStr(""), title=_("Private key"), description=_("For RS256: an RSA key of at least 2048 bits (PEM).")
    )
    audience: str = Field("", title=_("Audience (aud)"), description=_("Empty: jitsi."))
    issuer: str = Field(
        "", title=_("Issuer (iss)"), description=_("Empty: the application ID; chat for 8x8's service.")
    )
    subject: str = Field("", title=_("Subject (sub)"), description=_("Empty: the server's name, or the tenant."))
    webhook_secret: SecretStr = Field(
        SecretStr(""),
        title=_("Secret of the callbacks"),
        description=_(
            "If the server reports who comes and goes: at least 32 characters. Empty: callbacks are refused."
        ),
    )

    @field_validator("server")
    @classmethod
    def _server(cls, value: str) -> str:
        address = value.strip().rstrip("/")
        parts = urlsplit(address)
        host = (parts.hostname or "").rstrip(".")
        if host == "jit.si" or host.endswith(".jit.si"):
            raise ValueError(_("The public server meet.jit.si ends embedded calls after five minutes. Name your own."))
        if parts.path or parts.query or parts.fragment or parts.scheme not in {"https", "http"}:
            raise ValueError(_("Give only the server's address, such as https://meet.example.in."))
        if parts.scheme == "http" and host not in LOOPBACK:
            raise ValueError(_("The address must begin with https: browsers give camera and microphone to no other."))
        return outbound.check_url(f"{parts.scheme}://{parts.netloc.lower()}")

    @field_validator("app_id")
    @classmethod
    def _app_id(cls, value: str) -> str:
        if not NAME.fullmatch(value):
            raise ValueError(_("Give the application ID as it stands in the server's configuration."))
        return value

    @model_validator(mode="after")
    def _complete(self) -> "Settings":
        if self.algorithm == "HS256" and len(self.app_secret.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(_("HS256 needs an application secret of at least 32 characters."))
        if self.algorithm == "RS256" and not (self.key_id and _is_rsa(self.pem)):
            raise ValueError(_("RS256 needs a key ID and an RSA private key of at least 2048 bits."))
        if self.is_service != self.app_id.startswith(TENANT) or (self.is_service and self.algorithm != "RS256"):
            raise ValueError(_("8x8's service needs https://8x8.vc, its own application ID and RS256, all three."))
        if 0 < len(self.webhook_secret.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(_("The secret of the callbacks needs at least 32 characters."))
        return self

    @property
    def host(self) -> str:
        """Host of the server, with its port if it is not the default."""
        return urlsplit(self.server).netloc

    @property
    def is_service(self) -> bool:
        """Tell whether this is 8x8's service, where every customer is a tenant."""
        return self.host == SERVICE

    @property
    def script(self) -> str:
        """URL of Jitsi's own script, which builds its frame."""
        return f"{self.server}/{self.app_id}/external_api.js" if self.is_service else f"{self.server}/external_api.js"

    @property
    def pem(self) -> str:
        """Restore the line breaks of the private key, which a form field loses."""
        match = PEM.search(self.private_key.get_secret_value())
        if not match:
            return ""
        body = "".join(match[2].split())
        lines = [body[start : start + 64] for start in range(0, len(body), 64)]
        return "\n".join((f"-----BEGIN {match[1]}-----", *lines, f"-----END {match[1]}-----", ""))

    def room_path(self, name: str) -> str:
        """Name the room as Jitsi's script expects it."""
        return f"{self.app_id}/{name}" if self.is_service else name


def _is_rsa(pem: str) -> bool:
    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return isinstance(key, RSAPrivateKey) and key.key_size >= 2048
