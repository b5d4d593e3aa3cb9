"""The clinic's settings of SMS."""

import re
from datetime import time

from pydantic import Field, field_validator

from portal.base.language import gettext as _
from portal.settings.stored import ClinicSettings


class TextRules(ClinicSettings):
    """SMS: DLT sender registration (docs/rules/domain.md 3.1), cost, quiet hours, resending and failure alarms."""

    heading = _("Texts (SMS)")

    dlt_entity: str = Field("", title=_("Number of the principal entity (DLT), 19 digits"))
    dlt_header: str = Field(
        "", title=_("Header (DLT): the sender that people see, in capitals and small letters as registered")
    )
    dlt_brand: str = Field("CGHSTC", title=_("Name that every text must carry"))
    dlt_whitelist: str = Field(
        "",
        title=_("Web addresses and telephone numbers that the operators have whitelisted, with commas"),
        description=_("A text that names another one is dropped by the operators."),
    )
    short_link_host: str = Field(
        "",
        title=_("Web address for a short link in “It is your turn” (empty: no link)"),
        description=_(
            "The portal's own address, whitelisted above, without https:// and of at most 17 characters. The text with "
            "a link is a template of its own that must be registered, and in Hindi it has two parts, each paid for."
        ),
    )
    part_paise: int = Field(20, ge=0, le=1000, title=_("Paise that one part of a text costs (0: not shown)"))
    quiet_from: time = Field(
        time(21),
        title=_("Texts that are not urgent wait from"),
        description=_("Only texts that are not urgent wait; an OTP or a call never does."),
    )
    quiet_until: time = Field(time(8), title=_("They wait until (the same time: none waits)"))
    unknown_resend_minutes: int = Field(
        2, ge=0, le=1440, title=_("Minutes after which a text without news is sent again (0 never; an OTP never)")
    )
    message_alarm_percent: int = Field(
        20, ge=0, le=100, title=_("Failed messages in a hundred from which administrators are told (0 never)")
    )
    message_alarm_least: int = Field(10, ge=1, le=100000, title=_("Failed messages below which nobody is told"))

    @field_validator("dlt_entity")
    @classmethod
    def _is_entity(cls, text: str) -> str:
        if text and not re.fullmatch(r"[0-9]{19}", text):
            raise ValueError(_("Give the 19 digits of the entity's number, or nothing."))
        return text

    @field_validator("short_link_host")
    @classmethod
    def _is_own_host(cls, text: str) -> str:
        if text and not re.fullmatch(r"(?=.{4,17}$)[a-z0-9-]+(\.[a-z0-9-]+)+", text):
            raise ValueError(_("Give an address such as opd.cghs.gov.in, of at most 17 characters, or nothing."))
        return text

    @field_validator("dlt_header")
    @classmethod
    def _is_header(cls, text: str) -> str:
        if text and not re.fullmatch(r"[A-Za-z0-9]{3,6}", text):
            raise ValueError(_("Give the header as it is registered: 3 to 6 letters or digits, or nothing."))
        return text

    def link_host(self) -> str:
        """Return the address of short links; "" unless it is whitelisted, as operators drop any other."""
        listed = [item.strip().removeprefix("https://").rstrip("/") for item in self.dlt_whitelist.split(",")]
        return self.short_link_host if self.short_link_host in listed else ""
