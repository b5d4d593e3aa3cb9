"""Settings. The form, its help and its validation are made from this model."""

from pydantic import Field, SecretStr, field_validator

from portal.api.base import gettext as _
from portal.contracts import PluginSettings


class EmailSettings(PluginSettings):
    """A mail server, an account there, and the recipients' domain."""

    host: str = Field(title="Mail server", description="Such as smtp.example.in.", min_length=1, max_length=200)
    port: int = Field(587, title="Port", description="587 with STARTTLS, 25 inside your network.", ge=1, le=65535)
    encrypt: bool = Field(True, title="Encrypt the connection (STARTTLS)")
    user: str = Field("", title="User name", description="Empty: the server asks for none.", max_length=200)
    password: SecretStr = Field(SecretStr(""), title="Password")
    sender: str = Field("tele-opd@example.in", title="Sender", max_length=200)
    domain: str = Field(title="Domain of the recipients", description="9876543210 becomes 9876543210@this domain.")
    seconds: float = Field(10, title="Seconds to wait for the server", ge=1, le=30)

    @field_validator("sender")
    @classmethod
    def is_an_address(cls, value: str) -> str:
        """Validate the sender; the sentence is shown beside the field."""
        if value.count("@") != 1 or any(character.isspace() for character in value):
            raise ValueError(_("Give an e-mail address such as tele-opd@example.in."))
        return value
