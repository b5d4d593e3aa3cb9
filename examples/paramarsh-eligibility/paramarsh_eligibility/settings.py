"""Settings: the service, and where people go with an open question."""

from pydantic import Field, SecretStr, field_validator

from portal.api.outbound import check_url
from portal.contracts import PluginSettings


class EligibilitySettings(PluginSettings):
    """An eligibility service, and the office that helps."""

    url: str = Field(
        title="Address of the service", description="Such as https://cards.example.in/check.", max_length=300
    )
    key: SecretStr = Field(title="Key of the service", min_length=8)
    office: str = Field(
        title="Where people go", description="Name, address and telephone of the office.", max_length=300
    )
    seconds: float = Field(
        2, title="Seconds to wait for the service", description="Then the token is given.", ge=1, le=4
    )

    @field_validator("url")
    @classmethod
    def leads_outside(cls, value: str) -> str:
        """Validate the address."""
        return check_url(value)
