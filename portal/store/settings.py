"""The clinic's own settings: typed defaults here, changed rows in the database, edited by the administrator."""

import re
from dataclasses import dataclass
from datetime import time
from typing import Any

import peewee

from portal.base import outbound
from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.store.db import BaseModel, write
from portal.store.prepared import Prepared

Value = int | str | bool


@dataclass(frozen=True)
class Default:
    """A setting's default, and what it may be."""

    value: Value
    low: int | None = None
    high: int | None = None
    pattern: str = ""
    is_address: bool = False


DEFAULTS: dict[str, Default] = {
    # Referral rules: OM of 28.06.2024 (domain.md 2.3). The presets change these four together.
    "referral_validity_days": Default(90, 1, 366),
    "referral_max_consults": Default(6, 1, 50),
    "referral_max_specialists": Default(3, 1, 10),
    "referral_exempt_age": Default(70, 0, 120),
    # Clinic hours and queue (design.md section 5).
    "opens_at": Default("09:00"),
    "closes_at": Default("12:00"),
    "tokens_from": Default("07:00"),
    "working_days": Default("123456"),  # Monday is 1
    "demo_all_day": Default(False),  # set by the demonstration alone
    "session_quota": Default(60, 1, 2000),
    "call_seconds": Default(120, 20, 900),
    "more_time_seconds": Default(60, 0, 600),  # by which a patient can lengthen a call, once
    "lapses_allowed": Default(2, 0, 10),
    "presence_seconds": Default(60, 15, 600),
    "here_minutes": Default(15, 1, 120),
    "near_turn_ahead": Default(3, 1, 20),
    "consult_minutes_default": Default(8, 1, 60),
    "priority_age": Default(80, 60, 120),
    "undo_seconds": Default(60, 10, 600),
    "emergencies_per_session": Default(5, 0, 100),
    "carries_at_closing": Default(0, 0, 5),  # so often a token may move to the next clinic day; 0: it expires
    "carries_on_leave": Default(1, 0, 5),
    "wait_long_minutes": Default(30, 1, 600),
    "wait_late_minutes": Default(60, 1, 600),
    # Records.
    "record_max_mb": Default(10, 1, 50),
    "records_max_count": Default(6, 1, 20),
    # Prescriptions and pharmacy.
    "prescription_valid_days": Default(180, 1, 366),
    # Sign-in (safety.md S15 to S19, S28).
    "otp_minutes": Default(5, 1, 10),
    "otp_tries": Default(5, 3, 10),
    "otp_per_hour": Default(5, 1, 100),
    "otp_per_day": Default(10, 1, 500),
    "otp_per_address_hour": Default(60, 1, 10000),
    "otp_per_minute": Default(600, 10, 100000),
    "otp_per_day_all": Default(20000, 100, 10_000_000),
    "otp_wrong_per_day": Default(10, 6, 100),
    "otp_gap_seconds": Default(30, 0, 600),
    "registration_tries_per_day": Default(5, 1, 50),
    "step_up_minutes": Default(5, 1, 5),  # since the second factor was proven, before a deed (S56)
    # Texts: after how many minutes without news one is sent again; 0: a person decides.
    "unknown_resend_minutes": Default(2, 0, 1440),
    # When so many in a hundred failed in the last 15 minutes, and at least so many, administrators are told; 0: never.
    "message_alarm_percent": Default(20, 0, 100),
    "message_alarm_least": Default(10, 1, 100000),
    # The operators' register (DLT, domain.md 3.1), and what a text costs.
    "dlt_entity": Default("", pattern=r"[0-9]{19}"),
    "dlt_header": Default("", pattern=r"[A-Za-z0-9]{3,6}"),
    "dlt_brand": Default("CGHSTC"),
    "dlt_whitelist": Default(""),  # web addresses and telephone numbers that a text may name
    "part_paise": Default(20, 0, 1000),
    # Texts that are not urgent wait for the morning; the same time twice: none waits.
    "quiet_from": Default("21:00"),
    "quiet_until": Default("08:00"),
    # Plugins: how often a hook may fail in a row, over how many minutes, before the plugin is switched off; 0: never.
    "plugin_failures_allowed": Default(20, 0, 10000),
    "plugin_failing_minutes": Default(10, 0, 1440),
    # Who is told the end of the audit chain (S62).
    "audit_head_address": Default("", is_address=True),
    # Words and numbers on the pages.
    "helpline": Default("1800-208-8900"),
    "grievance_officer": Default("Nodal Officer, Tele-OPD"),
    "grievance_email": Default("grievance@example.in"),
    "ministry_name": Default(""),
    "ministry_logo": Default(""),
    "last_updated": Default(""),
    "institution": Default("Central Government Health Scheme"),
    "institution_address": Default("Nirman Bhawan, New Delhi 110011"),
}

REFERRAL_PRESETS: dict[str, dict[str, int]] = {
    "2024": {
        "referral_validity_days": 90,
        "referral_max_consults": 6,
        "referral_max_specialists": 3,
        "referral_exempt_age": 70,
    },
    "2020": {
        "referral_validity_days": 30,
        "referral_max_consults": 3,
        "referral_max_specialists": 3,
        "referral_exempt_age": 60,
    },
}


class Setting(BaseModel):
    """A setting that differs from its default."""

    key = peewee.CharField(max_length=60, unique=True)
    value = peewee.JSONField()


@Prepared
def _changed(key: object) -> peewee.Select:
    return Setting.select(Setting.value).where(Setting.key == key).tuples()


def get(key: str) -> Any:
    """The value in force. Raises KeyError for an unknown key."""
    default = DEFAULTS[key]
    row = _changed.first(key)
    return default.value if row is None else row[0]


def number(key: str) -> int:
    """A whole-number setting."""
    return int(get(key))


def clock_time(key: str) -> time:
    """A time-of-day setting, on an Indian clock."""
    return time.fromisoformat(str(get(key)))


def put(key: str, text: str) -> None:
    """Change a setting from text. Raises Invalid with what is allowed."""
    default = DEFAULTS[key]
    value = _parsed(key, default, text.strip())
    with write():
        Setting.delete().where(Setting.key == key).execute()
        if value != default.value:
            Setting.create(key=key, value=value)


def _parsed(key: str, default: Default, text: str) -> Value:
    if isinstance(default.value, int):
        low, high = default.low or 0, default.high or 10**9
        if not (text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high):
            raise Invalid({key: _("Give a whole number from %(low)s to %(high)s.", low=low, high=high)})
        return int(text)
    if len(text) > 200 or (default.value and not text):
        raise Invalid({key: _("Give a text of at most 200 characters.")})
    if isinstance(default.value, str) and len(default.value) == 5 and default.value[2] == ":":
        return _time(key, text)
    if text and default.pattern and not re.fullmatch(default.pattern, text):
        raise Invalid({key: _patterned()[key]})
    return _address(key, text) if text and default.is_address else text


def _patterned() -> dict[str, str]:
    """What to write where not every text will do."""
    return {
        "dlt_entity": _("Give the 19 digits of the entity's number, or nothing."),
        "dlt_header": _("Give the header as it is registered: 3 to 6 letters or digits, or nothing."),
    }


def _address(key: str, text: str) -> str:
    try:
        return outbound.check_url(text)
    except ValueError as error:
        raise Invalid({key: str(error)}) from error


def _time(key: str, text: str) -> str:
    try:
        return time.fromisoformat(text).strftime("%H:%M")
    except ValueError as error:
        raise Invalid({key: _("Give a time such as 09:00.")}) from error
