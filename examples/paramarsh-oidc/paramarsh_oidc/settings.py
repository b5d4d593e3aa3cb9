"""Settings: the provider, and what it knows this portal by."""

from pydantic import Field, SecretStr, field_validator

from portal.api.base import gettext as _
from portal.api.outbound import check_url
from portal.contracts import PluginSettings


class OidcSettings(PluginSettings):
    """An OpenID Connect provider and a client there."""

    issuer: str = Field(title="Issuer", description="Such as https://id.example.in/realms/hospital.", max_length=300)
    client_id: str = Field(title="Client ID", min_length=1, max_length=200)
    client_secret: SecretStr = Field(title="Client secret")
    label: str = Field(
        "",
        title="Words of the button",
        description="Empty: “Sign in with the hospital's account”, in the language of the page.",
        max_length=60,
    )
    seconds: float = Field(5, title="Seconds to wait for the provider", ge=1, le=20)

    @field_validator("issuer")
    @classmethod
    def leads_outside(cls, value: str) -> str:
        """Validate the issuer; it is compared with the ID token letter by letter."""
        if value.endswith("/.well-known/openid-configuration"):
            raise ValueError(_("Give the issuer alone, without /.well-known/openid-configuration."))
        return check_url(value)
