"""The report that is mailed to the administration."""

import re
from typing import Literal

from pydantic import Field, field_validator

from portal.base.language import gettext as _
from portal.settings.stored import ClinicSettings

ADDRESS = re.compile(r"[^@\s,;<>\"]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
MOST = 10


class ReportRules(ClinicSettings):
    """Who gets the report by e-mail, and how often (docs/operations.md)."""

    heading = _("Report by e-mail")

    report_mail: Literal["never", "weekly", "monthly"] = Field(
        "never",
        title=_("The report is sent by e-mail"),
        description=_("A plugin that sends e-mail has to be on. It holds counts, nothing of a person."),
        json_schema_extra={
            "words": {
                "never": _("never"),
                "weekly": _("every Monday, for the week before"),
                "monthly": _("on the first of a month, for the month before"),
            }
        },
    )
    report_mail_to: str = Field(
        "",
        max_length=600,
        title=_("E-mail addresses that get it"),
        description=_("Several with a comma between them, at most ten."),
    )
    report_mail_hour: int = Field(7, ge=0, le=23, title=_("Hour from which it is sent (0 to 23)"))
    report_mail_language: Literal["en", "hi"] = Field(
        "en", title=_("Its language"), json_schema_extra={"words": {"en": _("English"), "hi": _("Hindi")}}
    )

    @field_validator("report_mail_to")
    @classmethod
    def _are_addresses(cls, text: str) -> str:
        found = addresses_in(text)
        if len(found) > MOST or any(not ADDRESS.fullmatch(one) for one in found):
            raise ValueError(_("Give e-mail addresses such as office@example.in, with a comma between them."))
        return ", ".join(found)


def addresses_in(text: str) -> list[str]:
    """Split a list of addresses."""
    return [one for part in text.split(",") if (one := part.strip())]
