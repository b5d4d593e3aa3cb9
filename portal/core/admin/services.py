"""Changes the administrator makes: the clinic's settings."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.core.admin.words import setting_labels
from portal.store import settings
from portal.store.db import write
from portal.store.versions import require_seen
from portal.work.audit import Actor
from portal.work.catalogue import DomainEvent
from portal.work.events import record

# Of two settings the first is never above the second.
IN_ORDER = (
    ("opens_at", "closes_at"),
    ("tokens_from", "closes_at"),
    ("wait_long_minutes", "wait_late_minutes"),
    ("otp_per_hour", "otp_per_day"),
    ("otp_per_day", "otp_per_day_all"),
)


@dataclass(frozen=True)
class SettingsChanged(DomainEvent, about="settings, as a word"):
    """The administrator changed settings of the clinic."""

    keys: Annotated[list[str], "names of the settings that changed"]


def settings_shown() -> dict[str, str]:
    """Every setting as its field shows it."""
    return {key: str(settings.get(key)) for key in settings.DEFAULTS}


def save_settings(form: Mapping[str, str], *, by: Actor, now: datetime) -> None:
    """Change every setting that the form carries.

    Raises Invalid with all wrong fields, Changed when somebody else has saved since; neither changes anything.
    """
    given = {key: form[key].strip() for key in settings.DEFAULTS if key in form}
    if not given:
        raise Invalid({"": _("There is nothing to save.")})
    problems: dict[str, str] = {}
    with write():
        require_seen("settings", form.get("version", ""), settings_shown, given)
        changed = {key: text for key, text in given.items() if text != str(settings.get(key))}
        for key, text in changed.items():
            problems |= _problem(key, text)
        if problems := problems or _contradictions(changed):
            raise Invalid(problems)
        record(SettingsChanged(keys=sorted(changed)), "settings", by=by, now=now)


def _contradictions(changed: Collection[str]) -> dict[str, str]:
    """Of two settings that belong together the lower must not be above the higher one; asked at what was changed."""
    labels, problems = setting_labels(), {}
    for low, high in IN_ORDER:
        if {low, high} & set(changed) and settings.get(low) > settings.get(high):
            sentence = _("“%(low)s” is above “%(high)s”. Please check both.", low=labels[low], high=labels[high])
            problems[low if low in changed else high] = sentence
    return problems


def apply_preset(name: str, *, by: Actor, now: datetime) -> None:
    """Set the four referral rules as an order had them. Raises Invalid for an unknown preset."""
    if name not in settings.REFERRAL_PRESETS:
        raise Invalid({"preset": _("Choose one of the presets.")})
    save_settings({key: str(value) for key, value in settings.REFERRAL_PRESETS[name].items()}, by=by, now=now)


def _problem(key: str, text: str) -> dict[str, str]:
    try:
        settings.put(key, text)
    except Invalid as error:
        return error.fields
    return {}
