"""Sign-in: one-time passwords and their limits, the second factor, identities from elsewhere."""

from typing import Literal

from pydantic import Field

from portal.base.language import gettext as _
from portal.settings.stored import ClinicSettings


class SignInRules(ClinicSettings):
    """One-time passwords and their rate limits (S15 to S19, S28), and step-up to the second factor (S56)."""

    heading = _("Sign-in and limits")
    in_order = (("otp_per_hour", "otp_per_day"), ("otp_per_day", "otp_per_day_all"))

    otp_minutes: int = Field(5, ge=1, le=10, title=_("Minutes an OTP is valid"))
    otp_tries: int = Field(5, ge=3, le=10, title=_("Tries for an OTP"))
    otp_gap_seconds: int = Field(30, ge=0, le=600, title=_("Seconds between two OTPs"))
    otp_per_hour: int = Field(5, ge=1, le=100, title=_("OTPs an hour for one number"))
    otp_per_day: int = Field(10, ge=1, le=500, title=_("OTPs a day for one number"))
    otp_per_address_hour: int = Field(60, ge=1, le=10000, title=_("OTPs an hour from one network"))
    otp_per_minute: int = Field(600, ge=10, le=100000, title=_("OTPs a minute for everybody together"))
    otp_per_day_all: int = Field(
        20000,
        ge=100,
        le=10_000_000,
        title=_("OTPs a day for everybody together; administrators are told when they are spent"),
    )
    otp_wrong_per_day: int = Field(10, ge=6, le=100, title=_("Wrong OTPs a day for one number from one network"))
    registration_tries_per_day: int = Field(5, ge=1, le=50, title=_("Tries to register on a day"))
    step_up_minutes: int = Field(
        5, ge=1, le=5, title=_("Minutes after which grave steps ask for the second factor again")
    )
    staff_reset_needs_two: Literal["yes", "no"] = Field(
        "no",
        title=_("A second administrator confirms before a colleague’s sign-in is reset"),
        description=_(
            "A new code for the password, the second factor taken away, an identity elsewhere named; also the first "
            "code of a new administrator. The console can still do it."
        ),
        json_schema_extra={"words": {"yes": _("Yes"), "no": _("No")}},
    )
    elsewhere_second_factor: Literal["portal", "other"] = Field(
        "portal",
        title=_("Staff who sign in with an identity from elsewhere (by a plugin)"),
        description=_("Grave steps always ask for the portal's own second factor."),
        json_schema_extra={
            "words": {
                "portal": _("give the portal's second factor too, where they have set it up"),
                "other": _("need no second factor here: the other side has asked for it"),
            }
        },
    )
