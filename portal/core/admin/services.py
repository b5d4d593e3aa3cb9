"""Changes of the clinic's settings."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.settings import clinic
from portal.settings.form import as_text, label
from portal.settings.stored import fixed
from portal.store.db import write
from portal.store.versions import require_seen
from portal.work.audit import Actor
from portal.work.catalogue import DomainEvent
from portal.work.events import record


@dataclass(frozen=True)
class SettingsChanged(DomainEvent, about="settings, as a word"):
    """The administrator changed settings of the clinic."""

    keys: Annotated[list[str], "names of the settings that changed"]


def settings_shown() -> dict[str, str]:
    """Return every setting as its field shows it."""
    return {key: as_text(value) for group in clinic.GROUPS for key, value in group.in_force()}


def save_settings(form: Mapping[str, str], *, by: Actor, now: datetime) -> None:
    """Save every setting in the form, except those fixed by the environment.

    Raises Invalid with all wrong fields, Changed when the form's version is stale; both roll back.
    """
    given = {key: form[key].strip() for key in _changeable() if key in form}
    if not given:
        raise Invalid({"": _("There is nothing to save.")})
    problems: dict[str, str] = {}
    with write():
        require_seen("settings", form.get("version", ""), settings_shown, given)
        before = settings_shown()
        changed = {key: text for key, text in given.items() if text != before[key]}
        for key, text in changed.items():
            problems |= _problem(key, text)
        if problems := problems or _contradictions(changed):
            raise Invalid(problems)
        record(SettingsChanged(keys=sorted(changed)), "settings", by=by, now=now)


def _changeable() -> list[str]:
    return [key for key, group in clinic.keys().items() if key not in group.internal | fixed(group).keys()]


def _contradictions(changed: Collection[str]) -> dict[str, str]:
    """Check pairs of settings in order (low <= high); the error is on the changed one."""
    problems = {}
    for group in clinic.GROUPS:
        values = dict(group.in_force())
        for low, high in group.in_order:
            if {low, high} & set(changed) and values[low] > values[high]:
                names = {"low": label(group, low), "high": label(group, high)}
                sentence = _("“%(low)s” is above “%(high)s”. Please check both.", **names)
                problems[low if low in changed else high] = sentence
    return problems


def apply_preset(name: str, *, by: Actor, now: datetime) -> None:
    """Set the four referral rules to those of a government order. Raises Invalid for an unknown preset."""
    if name not in clinic.PRESETS:
        raise Invalid({"preset": _("Choose one of the presets.")})
    save_settings({key: as_text(value) for key, value in clinic.PRESETS[name]}, by=by, now=now)


def _problem(key: str, text: str) -> dict[str, str]:
    try:
        clinic.put(key, text)
    except Invalid as error:
        return error.fields
    return {}
