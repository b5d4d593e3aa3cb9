"""Settings: both other sides, and the rate limit."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic.config import JsonDict

from portal.api import outbound
from portal.api.base import gettext as _
from portal.contracts import PluginSettings

NAME = "esanjeevani_bridge"

# Headings of the settings form.
SANJEEVANI: JsonDict = {"group": "e-Sanjeevani"}
DOCUMENTS: JsonDict = {"group": _("Documents")}
RETURNS: JsonDict = {"group": _("What comes back")}


class Settings(PluginSettings):
    """All empty: nothing is sent and nobody is handed over."""

    sanjeevani_url: str = Field(
        "",
        title=_("e-Sanjeevani: address of its interface"),
        description=_("As the onboarding letter has it, such as https://example.gov.in/uat. Empty: no hand-over."),
        json_schema_extra=SANJEEVANI,
    )
    launch_url: str = Field(
        "",
        title=_("e-Sanjeevani: address that the browser opens"),
        description=_("The part before /#/external-provider-signin/."),
        json_schema_extra=SANJEEVANI,
    )
    source: str = Field(
        "",
        max_length=20,
        title=_("e-Sanjeevani: source code"),
        description=_("The partner code that the onboarding gave you, such as 11001."),
        json_schema_extra=SANJEEVANI,
    )
    place: str = Field(
        "",
        max_length=10,
        title=_("LGD code of the sub-district of most patients"),
        description=_("It stands in the hand-over form; whoever hands over can choose another."),
        json_schema_extra=SANJEEVANI,
    )
    postal_code: str = Field("", max_length=6, title=_("PIN code of most patients"), json_schema_extra=SANJEEVANI)
    fhir_url: str = Field(
        "",
        title=_("FHIR endpoint"),
        description=_("Documents of patients who agreed are posted there. Empty: none is sent."),
        json_schema_extra=DOCUMENTS,
    )
    token_url: str = Field(
        "",
        title=_("OAuth2 token address"),
        description=_("For client credentials. Empty: the endpoint asks for none."),
        json_schema_extra=DOCUMENTS,
    )
    client_id: str = Field("", max_length=200, title=_("Client ID"), json_schema_extra=DOCUMENTS)
    client_secret: SecretStr = Field(SecretStr(""), title=_("Client secret"), json_schema_extra=DOCUMENTS)
    scope: str = Field("", max_length=200, title=_("Scope"), json_schema_extra=DOCUMENTS)
    facility_id: str = Field(
        "",
        max_length=20,
        title=_("Facility number (HFR)"),
        description=_("Of the Health Facility Registry, such as IN3210000017. It stands in every document."),
        json_schema_extra=DOCUMENTS,
    )
    namespace: str = Field(
        "",
        max_length=200,
        title=_("Name space of our numbers"),
        description=_(
            "A URI before the numbers of patients, visits and prescriptions. Empty: the portal's address when the "
            "first document was made; it stays so when the portal moves. Changing it makes every patient somebody new "
            "there."
        ),
        json_schema_extra=DOCUMENTS,
    )
    dispensings: bool = Field(
        True,
        title=_("Send what the pharmacy gave"),
        description=_("As MedicationDispense of FHIR R4. Switch it off where the other side takes documents alone."),
        json_schema_extra=DOCUMENTS,
    )
    per_minute: int = Field(1200, ge=1, le=6000, title=_("Documents a minute at most"), json_schema_extra=DOCUMENTS)
    pull: bool = Field(
        False,
        title=_("Fetch referrals and outcomes"),
        description=_("Ask the FHIR endpoint every few minutes for what is new."),
        json_schema_extra=RETURNS,
    )
    webhook_secret: SecretStr = Field(
        SecretStr(""),
        title=_("Secret of the webhook"),
        description=_("At least 32 characters. Empty: the webhook is closed."),
        json_schema_extra=RETURNS,
    )

    @field_validator("sanjeevani_url", "launch_url", "fhir_url", "token_url")
    @classmethod
    def _outside(cls, value: str) -> str:
        address = value.strip().rstrip("/")
        if address and outbound.check_url(address).startswith("http:") and not _is_inside(address):
            raise ValueError(_("Secrets and health records travel there: the address must begin with https://."))
        return address

    @field_validator("namespace")
    @classmethod
    def _a_uri(cls, value: str) -> str:
        if value and not re.fullmatch(r"(https?://|urn:)\S+", value):
            raise ValueError(_("This must look like https://opd.example.gov.in."))
        return value.rstrip("/")

    @field_validator("webhook_secret")
    @classmethod
    def _long(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < 32:
            raise ValueError(_("The secret of the webhook needs at least 32 characters."))
        return value

    @model_validator(mode="after")
    def _complete(self) -> "Settings":
        if self.sanjeevani_url and not (self.launch_url and self.source):
            raise ValueError(_("For e-Sanjeevani the launch address and the source code are needed too."))
        if self.token_url and not (self.client_id and self.client_secret.get_secret_value()):
            raise ValueError(_("A token address needs a client ID and a client secret."))
        if self.pull and not self.fhir_url:
            raise ValueError(_("Fetching needs the FHIR endpoint."))
        return self


def _is_inside(address: str) -> bool:
    """Tell whether it is a private address: `check_url` has accepted it, so the operator allowed it."""
    try:
        return not outbound.is_public(ip_address(urlsplit(address).hostname or ""))
    except ValueError:
        return False
