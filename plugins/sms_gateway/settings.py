"""Settings: which drivers, in which order, and how each reaches its gateway."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationInfo, field_validator

from portal.api import json_text, plugin
from portal.api.base import gettext as _
from portal.api.outbound import check_url
from portal.contracts import PluginSettings

from . import fills, needs
from .presets import PRESETS

Name = Literal["outbox", "kannel", "cdac", "http"]
PresetName = Literal["own", "msg91", "gupshup", "kaleyra", "twilio", "exotel", "fast2sms"]


def _words(value: Any) -> Any:
    """Split a setting: an environment variable has all names in one line."""
    return re.split(r"[\s,]+", value.strip(", \n\t")) if isinstance(value, str) and value.strip() else value or ()


def _lines(value: Any) -> Any:
    return tuple(line for line in value.splitlines() if line.strip()) if isinstance(value, str) else value or ()


Lines = Annotated[tuple[str, ...], BeforeValidator(_lines)]
KANNEL: dict[str, Any] = {"group": "Kannel", "folded": True}
CDAC: dict[str, Any] = {"group": "C-DAC Mobile Seva", "folded": True}
HTTP: dict[str, Any] = {"group": _("HTTP gateway"), "folded": True}
OWN: dict[str, Any] = {"group": _("HTTP: requests and answers of a gateway"), "folded": True}
NAMES: dict[str, Any] = {
    "outbox": _("outbox: a file, in demonstrations only"),
    "kannel": _("kannel: your own connection to the operators (SMPP)"),
    "cdac": _("cdac: C-DAC Mobile Seva"),
    "http": _("http: a gateway of the market"),
}
MARKET: dict[str, Any] = {
    "own": _("another one, described in the next part"),
    "msg91": "MSG91",
    "gupshup": "Gupshup",
    "kaleyra": "Kaleyra",
    "twilio": "Twilio",
    "exotel": "Exotel",
    "fast2sms": "Fast2SMS",
}
METHODS: dict[str, Any] = {"preset": _("as known for the gateway")}
FORMATS: dict[str, Any] = METHODS | {"query": _("in the address"), "form": _("as a form"), "json": "JSON"}


class SmsSettings(PluginSettings):
    """Drivers and their gateways."""

    drivers: Annotated[tuple[Name, ...], BeforeValidator(_words)] = Field(
        ("outbox",),
        min_length=1,
        title=_("Drivers, in order"),
        description=_(
            "The first sends every text; when it fails, the next does. Set up each of them in its part further down."
        ),
        json_schema_extra={"words": NAMES},
    )
    balance_low: int = Field(
        500, ge=0, title=_("Low balance"), description=_("Below this the health check raises the alarm.")
    )
    callback_url: str = Field(
        "",
        max_length=200,
        title=_("Address of this portal as gateways see it"),
        description=_("Empty: the public address. For delivery reports, such as http://127.0.0.1:8000."),
    )

    kannel_url: str = Field(
        "",
        title=_("Address of sendsms"),
        description=_("Such as http://127.0.0.1:13013/cgi-bin/sendsms."),
        json_schema_extra=KANNEL,
    )
    kannel_username: str = Field("", title=_("User name"), json_schema_extra=KANNEL)
    kannel_password: SecretStr = Field(SecretStr(""), title=_("Password"), json_schema_extra=KANNEL)
    kannel_smsc: str = Field(
        "",
        title=_("Route (smsc-id)"),
        description=_("The smsc-id to use; empty: Kannel decides."),
        json_schema_extra=KANNEL,
    )
    kannel_tlv_entity: str = Field(
        "peid",
        pattern=r"^\w*$",
        title=_("Name of the DLT entity field"),
        description=_("As in its smpp-tlv group with tag 0x1400. Empty: not sent."),
        json_schema_extra=KANNEL,
    )
    kannel_tlv_template: str = Field(
        "tmid",
        pattern=r"^\w*$",
        title=_("Name of the DLT template field"),
        description=_("As in its smpp-tlv group with tag 0x1401. Empty: not sent."),
        json_schema_extra=KANNEL,
    )

    cdac_url: str = Field(
        "https://msdgweb.mgov.gov.in/esms/sendsmsrequestDLT",
        title=_("Address for sending"),
        json_schema_extra=CDAC,
    )
    cdac_report_url: str = Field(
        "https://msdgweb.mgov.gov.in/ReportAPI/csvreport",
        title=_("Address of delivery reports"),
        json_schema_extra=CDAC,
    )
    cdac_username: str = Field("", title=_("User name"), json_schema_extra=CDAC)
    cdac_password: SecretStr = Field(SecretStr(""), title=_("Password"), json_schema_extra=CDAC)
    cdac_key: SecretStr = Field(
        SecretStr(""),
        title=_("Secure key"),
        description=_("From the department's account at Mobile Seva; every text is signed with it."),
        json_schema_extra=CDAC,
    )
    cdac_otp_raw: bool = Field(
        True,
        title=_("Hindi OTPs are sent as they are"),
        description=_("As in C-DAC's own example. Off: encoded like all other Hindi texts."),
        json_schema_extra=CDAC,
    )

    http_preset: PresetName = Field(
        "own",
        title=_("Gateway"),
        description=_("A known gateway fills what you leave empty in the next part."),
        json_schema_extra=HTTP | {"words": MARKET},
    )
    http_account: str = Field(
        "",
        title=_("Account"),
        description=_("Filled in for $account."),
        json_schema_extra=HTTP,
    )
    http_user: str = Field(
        "",
        title=_("User name or key"),
        description=_("Filled in for $user."),
        json_schema_extra=HTTP,
    )
    http_secret: SecretStr = Field(
        SecretStr(""),
        title=_("Password or secret key"),
        description=_("Filled in for $secret."),
        json_schema_extra=HTTP,
    )
    http_url: str = Field("", title=_("Address for sending"), json_schema_extra=OWN)
    http_method: Literal["preset", "GET", "POST"] = Field(
        "preset", title=_("Method"), json_schema_extra=OWN | {"words": METHODS}
    )
    http_format: Literal["preset", "query", "form", "json"] = Field(
        "preset", title=_("Form of the request"), json_schema_extra=OWN | {"words": FORMATS}
    )
    http_headers: Lines = Field(
        (), title=_("Headers"), description=_("One a line, such as api-key: $secret."), json_schema_extra=OWN
    )
    http_fields: Lines = Field(
        (),
        title=_("Fields"),
        description=_(
            "One a line, such as mobile=$to, or one JSON object. Filled in: $to $e164 $mobile $text $header $entity "
            "$template $language $uid $callback $account $user $secret $basic $coding $kind $reference."
        ),
        json_schema_extra=OWN,
    )
    http_coding: str = Field(
        "",
        title=_("Words for plain and Unicode texts"),
        description=_("Two words, filled in for $coding, such as: plain unicode."),
        json_schema_extra=OWN,
    )
    http_kind: str = Field(
        "",
        title=_("Words for OTPs and other texts"),
        description=_("Two words, filled in for $kind, such as: OTP TXN."),
        json_schema_extra=OWN,
    )
    http_accepted: str = Field(
        "",
        title=_("Answer that means accepted"),
        description=_("A regular expression, as are the next ones. Every other answer is a failure."),
        json_schema_extra=OWN,
    )
    http_reference: str = Field(
        "",
        title=_("The gateway's number in that answer"),
        description=_("The first group is taken."),
        json_schema_extra=OWN,
    )
    http_never: str = Field(
        "",
        title=_("Answer that means never"),
        description=_("The text or the number is at fault: nobody else is asked."),
        json_schema_extra=OWN,
    )
    http_state_field: str = Field(
        "",
        title=_("Report field with the state"),
        description=_("One name, or several with blanks between."),
        json_schema_extra=OWN,
    )
    http_reference_field: str = Field("", title=_("Report field with the gateway's number"), json_schema_extra=OWN)
    http_delivered: str = Field("", title=_("State that means delivered"), json_schema_extra=OWN)
    http_failed: str = Field("", title=_("State that means not delivered"), json_schema_extra=OWN)
    http_report_url: str = Field(
        "",
        title=_("Address to ask for the state"),
        description=_("With $reference, the gateway's number, or $uid, ours. Empty: it is not asked."),
        json_schema_extra=OWN,
    )
    http_state: str = Field("", title=_("The state in that answer"), json_schema_extra=OWN)
    http_balance_url: str = Field("", title=_("Address to ask for the balance"), json_schema_extra=OWN)
    http_balance: str = Field("", title=_("The balance in that answer"), json_schema_extra=OWN)

    @field_validator("drivers")
    @classmethod
    def _outbox_is_for_demonstrations(cls, drivers: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse the demo driver elsewhere: messages to real people do not belong in a file."""
        if "outbox" in drivers and not plugin.is_demonstration():
            raise ValueError(_("The driver “outbox” exists in demonstrations only. Choose a driver that sends."))
        if len(set(drivers)) < len(drivers):
            raise ValueError(_("Name each driver once."))
        return drivers

    @field_validator(*needs.DRIVER_OF)
    @classmethod
    def _needed(cls, value: Any, info: ValidationInfo) -> Any:
        plain = value.get_secret_value() if isinstance(value, SecretStr) else value
        driver = needs.driver_for(str(info.field_name), info.data)
        if driver and not plain:
            raise ValueError(_("The driver “%(driver)s” needs this.", driver=driver))
        return value

    @field_validator("kannel_url", "cdac_url", "cdac_report_url", "http_url", "http_report_url", "http_balance_url")
    @classmethod
    def _address(cls, value: str) -> str:
        fills.check([value])
        return check_url(value) if value else value

    @field_validator("callback_url")
    @classmethod
    def _own_address(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[\w.\-\[\]:]+", value):
            raise ValueError(_("This must look like https://opd.example.gov.in."))
        return value

    @field_validator("http_headers", "http_fields")
    @classmethod
    def _filled(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        fills.check(value)
        return value

    @field_validator("http_fields")
    @classmethod
    def _json(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        chosen = info.data.get("http_format", "preset")
        if value and (PRESETS[info.data.get("http_preset", "own")].format if chosen == "preset" else chosen) == "json":
            try:
                json_text.read("\n".join(value))
            except ValueError as error:
                raise ValueError(_("This is not a JSON object: %(error)s", error=error)) from error
        return value

    @field_validator("http_headers")
    @classmethod
    def _header_lines(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _shaped(value, r"[\w-]+:.+", _("Each header must look like api-key: $secret."))

    @field_validator(
        "http_accepted", "http_reference", "http_never", "http_delivered", "http_failed", "http_state", "http_balance"
    )
    @classmethod
    def _pattern(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(_("This is not a regular expression: %(error)s", error=error)) from error
        return value

    @property
    def preset(self) -> Any:
        """Merge the preset with the settings that override it."""
        known = PRESETS[self.http_preset]
        own = {name: getattr(self, f"http_{name}") for name in known.__dataclass_fields__}
        return replace(known, **{name: value for name, value in own.items() if value and value != "preset"})


def _shaped(lines: Iterable[str], pattern: str, sentence: str) -> tuple[str, ...]:
    if not all(re.fullmatch(pattern, line) for line in lines):
        raise ValueError(sentence)
    return tuple(lines)
