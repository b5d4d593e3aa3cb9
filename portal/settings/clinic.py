"""The clinic's settings, one pydantic model per group; others are in texts.py (SMS), sign_in.py,
pharmacy.py, reports.py and backups.py.

Pages, forms, checks and docs/settings.md are made from them. Read one as `QueueRules.in_force().call_seconds`. To add
one, add a line here and its Hindi label.
"""

import re
from collections.abc import Mapping
from datetime import time
from typing import Literal

from pydantic import Field, field_validator

from portal.base import outbound
from portal.base.language import gettext as _
from portal.base.typed import plain_digits
from portal.settings import stored
from portal.settings.backups import BackupRules
from portal.settings.pharmacy import PharmacyRules
from portal.settings.reports import ReportRules
from portal.settings.sign_in import SignInRules
from portal.settings.stored import ClinicSettings, Group
from portal.settings.texts import TextRules


class ReferralRules(ClinicSettings):
    """OM of 28.06.2024 (docs/rules/domain.md 2.3). The presets change these four together."""

    heading = _("Referrals")

    referral_validity_days: int = Field(90, ge=1, le=366, title=_("Days a referral is valid"))
    referral_max_consults: int = Field(6, ge=1, le=50, title=_("Consultations on one referral"))
    referral_max_specialists: int = Field(3, ge=1, le=10, title=_("Specialists at a time"))
    referral_exempt_age: int = Field(70, ge=0, le=120, title=_("Age from which no referral is needed"))


class ComingBack(ClinicSettings):
    """Reminders of referrals that end, and follow-ups that a specialist has set (docs/rules/domain.md 2.3)."""

    heading = _("Coming back")

    referral_remind_days: int = Field(
        7, ge=0, le=60, title=_("Days before a referral ends when its text is sent (0: none)")
    )
    followup_days: int = Field(
        7,
        ge=0,
        le=31,
        title=_("Days around a follow-up date on which its token needs no new referral (0: it needs one)"),
        description=_("The consultations of the referral still count: a follow-up is one of them."),
    )
    followup_reminder: Literal["yes", "no"] = Field(
        "yes",
        title=_("A text reminds of a follow-up on the day before"),
        json_schema_extra={"words": {"yes": _("Yes"), "no": _("No")}},
    )


class ClinicHours(ClinicSettings):
    """Opening hours, working days and token quota."""

    heading = _("Clinic hours")
    in_order = (("opens_at", "closes_at"), ("tokens_from", "closes_at"))
    internal = frozenset({"demo_all_day"})

    working_days: str = Field("123456", title=_("Working days (1 Monday to 7 Sunday)"))
    opens_at: time = Field(time(9), title=_("Clinic opens"))
    closes_at: time = Field(time(12), title=_("Clinic closes"))
    tokens_from: time = Field(time(7), title=_("Tokens are given from"))
    session_quota: int = Field(60, ge=1, le=2000, title=_("Tokens a session"))
    demo_all_day: bool = False  # set by the demonstration alone

    @field_validator("working_days")
    @classmethod
    def _are_days(cls, text: str) -> str:
        days = plain_digits(text)
        if not re.fullmatch(r"[1-7]{1,7}", days) or len(set(days)) != len(days):
            raise ValueError(_("Give digits from 1 (Monday) to 7 (Sunday), each once."))
        return days


class QueueRules(ClinicSettings):
    """Calling order, presence, timeouts and retries of the queue (docs/rules/safety.md, Q1 to Q36)."""

    heading = _("Queue")
    in_order = (("wait_long_minutes", "wait_late_minutes"),)

    call_seconds: int = Field(120, ge=20, le=900, title=_("Seconds to answer a call"))
    more_time_seconds: int = Field(
        120,
        ge=0,
        le=600,
        title=_("Seconds by which a call is lengthened once, when its patient opens the page or asks (0: not)"),
    )
    lapses_allowed: int = Field(2, ge=0, le=10, title=_("Missed calls that are forgiven"))
    presence_seconds: int = Field(60, ge=15, le=600, title=_("Seconds that a page counts as present"))
    here_minutes: int = Field(15, ge=1, le=120, title=_("Minutes that “I am here” counts"))
    near_turn_ahead: int = Field(3, ge=1, le=20, title=_("People ahead when “your turn is near” is sent"))
    consult_minutes_default: int = Field(
        8, ge=1, le=60, title=_("Minutes of a consultation, until the day's own are known")
    )
    consult_budget_minutes: int = Field(
        10, ge=0, le=120, title=_("Minutes meant for a consultation: beyond them the doctor's page says so (0: never)")
    )
    priority_age: int = Field(80, ge=60, le=120, title=_("Age from which people are called first"))
    wait_long_minutes: int = Field(30, ge=1, le=600, title=_("Minutes of waiting from which the board shows amber"))
    wait_late_minutes: int = Field(60, ge=1, le=600, title=_("Minutes of waiting from which the board shows red"))
    undo_seconds: int = Field(60, ge=10, le=600, title=_("Seconds in which staff can undo a step"))
    emergencies_per_session: int = Field(
        5,
        ge=0,
        le=100,
        title=_("Emergency calls a session"),
        description=_("So many calls out of turn; the queue's order stays for all others."),
    )
    carries_at_closing: int = Field(
        0, ge=0, le=5, title=_("How often an unserved token moves to the next clinic day (0: it expires)")
    )
    carries_on_leave: int = Field(
        1, ge=0, le=5, title=_("How often a token moves to the next clinic day when the doctors are away")
    )


class PaperRules(ClinicSettings):
    """Limits of uploads, and what a follow-up is (docs/rules/domain.md 1.5)."""

    heading = _("Records, prescriptions")

    record_max_mb: int = Field(10, ge=1, le=50, title=_("Largest record, in MB"))
    records_max_count: int = Field(6, ge=1, le=20, title=_("Records at a time"))
    rx_shows: Literal["count", "letters"] = Field(
        "count",
        title=_("What anybody with the code sees of the medicines"),
        description=_("A chemist compares it with the paper. Names are shown to the pharmacists of the centres alone."),
        json_schema_extra={
            "words": {"count": _("How many there are"), "letters": _("Also the first letter and the quantity of each")}
        },
    )
    followup_requires_in_person: Literal["yes", "no"] = Field(
        "yes",
        title=_("A List B medicine is added only for somebody whom the doctor saw in person"),
        description=_("The strict reading of the Telemedicine Practice Guidelines 2020."),
        json_schema_extra={"words": {"yes": _("Yes"), "no": _("No")}},
    )
    administrator_cancel_needs_two: Literal["yes", "no"] = Field(
        "no",
        title=_("A second administrator confirms the cancelling of a prescription by its number"),
        description=_(
            "Doctors cancel at once either way. Without it, the audit log says that the administrator was alone."
        ),
        json_schema_extra={"words": {"yes": _("Yes"), "no": _("No")}},
    )


class PluginRules(ClinicSettings):
    """Circuit breaker: when a failing plugin is switched off automatically."""

    heading = _("Plugins")

    plugin_failures_allowed: int = Field(
        20, ge=0, le=10000, title=_("Failures in a row before a plugin is switched off (0 never)")
    )
    plugin_failing_minutes: int = Field(10, ge=0, le=1440, title=_("Minutes over which it has to fail before that"))


class AuditRules(ClinicSettings):
    """When the audit chain is verified, and the webhook that receives its head (S62)."""

    heading = _("Audit")

    audit_verify_hour: int = Field(3, ge=0, le=23, title=_("Hour at which the audit log is verified each night"))
    audit_head_address: str = Field("", title=_("Web address that is told the end of the audit chain (empty: none)"))

    @field_validator("audit_head_address")
    @classmethod
    def _is_address(cls, text: str) -> str:
        return outbound.check_url(text) if text else text


class RightsRules(ClinicSettings):
    """Rights of people over their data, and how long records are kept (docs/rules/domain.md 5.1, 5.3)."""

    heading = _("Rights of people")

    grievance_days: int = Field(30, ge=1, le=90, title=_("Days within which a grievance or request is answered"))
    data_copy_days: int = Field(3, ge=1, le=30, title=_("Days for which a copy of all data can be fetched"))
    record_opening_needs_two: Literal["yes", "no"] = Field(
        "no",
        title=_("A second administrator confirms before somebody’s record is opened for a reason"),
        description=_("The family is told either way. Without it the audit log says that the administrator was alone."),
        json_schema_extra={"words": {"yes": _("Yes"), "no": _("No")}},
    )
    retain_clinical_years: int = Field(
        3, ge=3, le=100, title=_("Years a medical record is kept after the last contact")
    )
    retain_child_until: int = Field(21, ge=18, le=40, title=_("Age until which a child’s medical record is kept"))


class PageWords(ClinicSettings):
    """Names and contacts on public pages and prescriptions."""

    heading = _("Words on the pages")

    institution: str = Field("Central Government Health Scheme", title=_("Institution on the prescription"))
    institution_address: str = Field("Nirman Bhawan, New Delhi 110011", title=_("Its address"))
    helpline: str = Field("1800-208-8900", title=_("Helpline"))
    grievance_officer: str = Field("Nodal Officer, Tele-OPD", title=_("Grievance officer"))
    grievance_email: str = Field("grievance@example.in", title=_("E-mail for grievances"))
    ministry_name: str = Field("", title=_("Ministry, beside the logo"))
    ministry_logo: str = Field("", title=_("Address of the logo on this site"))
    last_updated: str = Field("", title=_("“Last updated” at the foot of the pages"))

    @field_validator("helpline")
    @classmethod
    def _is_telephone(cls, text: str) -> str:
        number = plain_digits(text)  # a link dials it
        if not re.fullmatch(r"[0-9 +()-]+", number) or sum(sign.isdigit() for sign in number) < 3:
            raise ValueError(_("Give a telephone number: digits, and blanks, +, - or brackets between them."))
        return number

    @field_validator("grievance_email")
    @classmethod
    def _is_email(cls, text: str) -> str:
        if not re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", text):
            raise ValueError(_("Give an e-mail address such as name@example.in."))
        return text

    @field_validator("ministry_logo")
    @classmethod
    def _is_on_this_site(cls, text: str) -> str:
        """Refuse other sites: the pages' Content-Security-Policy shows no picture of theirs."""
        if text and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+\.(png|svg|jpe?g|webp|gif)", text):
            raise ValueError(_("Give the path of a picture on this site, such as /static/logo.png, or nothing."))
        return text


GROUPS: tuple[Group, ...] = (
    ReferralRules,
    ComingBack,
    ClinicHours,
    QueueRules,
    PaperRules,
    PharmacyRules,
    SignInRules,
    TextRules,
    PluginRules,
    AuditRules,
    BackupRules,
    ReportRules,
    RightsRules,
    PageWords,
)

PRESETS = {
    "2024": ReferralRules(),
    "2020": ReferralRules(
        referral_validity_days=30, referral_max_consults=3, referral_max_specialists=3, referral_exempt_age=60
    ),
}


def keys() -> dict[str, Group]:
    """Map every setting to its group, in the order of the page."""
    return {key: group for group in GROUPS for key in group.model_fields}


def put(key: str, text: str) -> None:
    """Parse and store a setting. Raises Invalid with what is allowed, KeyError for an unknown key."""
    stored.store(keys()[key], key, text)


def checked(key: str, text: str) -> object:
    """Parse a setting without storing it. Raises Invalid with what is allowed, KeyError for an unknown key."""
    return stored.checked(keys()[key], key, text)


def install(environ: Mapping[str, str]) -> None:
    """Read the environment's overrides of the settings. Raises Invalid: {variable: sentence}."""
    stored.install(GROUPS, environ)
