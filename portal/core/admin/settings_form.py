"""The form of the clinic's settings, built from their models, and saving it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

import peewee

from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.admin.models import SettingChange
from portal.settings import form, schema
from portal.settings.clinic import GROUPS, PRESETS, checked, keys, put
from portal.settings.stored import OWNER, Group, fixed
from portal.store.db import write
from portal.store.listing import Listed, page_of
from portal.store.versions import require_seen
from portal.work.audit import Actor
from portal.work.catalogue import DomainEvent
from portal.work.events import record

PAGE = 30


@dataclass(frozen=True)
class SettingsChanged(DomainEvent, about="settings, as a word"):
    """The administrator changed settings of the clinic."""

    keys: Annotated[list[str], "names of the settings that changed"]


def groups(typed: Mapping[str, str]) -> list[form.Group]:
    """Build the groups of editable settings; `typed` is refused input, to be corrected."""
    return [form.Group(_(group.heading), _fields(group, typed)) for group in GROUPS]


def labels() -> dict[str, str]:
    """Return the label of each setting."""
    return {key: form.label(group, key) for key, group in keys().items()}


def settings_shown() -> dict[str, str]:
    """Return every setting as its field shows it."""
    return {key: form.as_text(value) for group in GROUPS for key, value in group.in_force()}


def save_settings(typed: Mapping[str, str], *, by: Actor, now: datetime) -> None:
    """Save every setting in the form, except those fixed by the environment.

    Raises Invalid with all wrong fields, Changed when the form's version is stale; both roll back.
    """
    given = {key: typed[key].strip() for key in _changeable() if key in typed}
    if not given:
        raise Invalid({"": _("There is nothing to save.")})
    problems: dict[str, str] = {}
    with write():
        require_seen("settings", typed.get("version", ""), settings_shown, given)
        before = settings_shown()
        changed = {key: text for key, text in given.items() if text != before[key]}
        for key, text in changed.items():
            problems |= _problem(key, text)
        if problems := problems or _contradictions(changed):
            raise Invalid(problems)
        record(SettingsChanged(keys=sorted(changed)), "settings", by=by, now=now)
        _remember(before, settings_shown(), by=by, now=now)


def preset_of(name: str) -> dict[str, str]:
    """Return the four referral rules of a government order. Raises Invalid for an unknown preset."""
    if name not in PRESETS:
        raise Invalid({"preset": _("Choose one of the presets.")})
    return {key: form.as_text(value) for key, value in PRESETS[name]}


def changes_of(typed: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Map each setting that the form would change to its text before and after. Wrong ones are left to the saving."""
    before, found = settings_shown(), {}
    for key in _changeable():
        text = typed.get(key, before[key]).strip()
        if text == before[key]:
            continue
        try:
            after = form.as_text(checked(key, text))
        except Invalid:
            return {}
        if after != before[key]:
            found[key] = before[key], after
    return found


def history(key: str, number: int) -> Listed:
    """Return a page of the changes of a setting, or of all, the newest first."""
    found = (
        SettingChange.select(SettingChange, Staff).join(Staff, peewee.JOIN.LEFT_OUTER).order_by(SettingChange.id.desc())
    )
    return page_of(found.where(SettingChange.key == key) if key in keys() else found, number, PAGE)


def _remember(before: Mapping[str, str], after: Mapping[str, str], *, by: Actor, now: datetime) -> None:
    staff = Staff.get_or_none(Staff.uid == by.uid) if by.kind == "staff" else None
    for key in after:
        if after[key] != before[key]:
            SettingChange.create(key=key, before=before[key], after=after[key], staff=staff, at=now)


def _changeable() -> list[str]:
    return [key for key, group in keys().items() if key not in group.internal | fixed(group).keys()]


def _contradictions(changed: Collection[str]) -> dict[str, str]:
    """Check pairs of settings in order (low <= high); the error is on the changed one."""
    problems = {}
    for group in GROUPS:
        values = dict(group.in_force())
        for low, high in group.in_order:
            if {low, high} & set(changed) and values[low] > values[high]:
                names = {"low": form.label(group, low), "high": form.label(group, high)}
                sentence = _("“%(low)s” is above “%(high)s”. Please check both.", **names)
                problems[low if low in changed else high] = sentence
    return problems


def _problem(key: str, text: str) -> dict[str, str]:
    try:
        put(key, text)
    except Invalid as error:
        return error.fields
    return {}


def _fields(group: Group, typed: Mapping[str, str]) -> list[form.Field]:
    from_environment = {key: form.as_text(value) for key, value in fixed(group).items()}
    typed = {key: text for key, text in typed.items() if key not in from_environment}
    values = {key: typed.get(key, value) for key, value in group.in_force()}
    shown = form.Shown(OWNER, values, from_environment)
    found = (form.field(group, key, shown) for key in group.model_fields if key not in group.internal)
    return [replace(field, help=_explained(group, field)) for field in found]


def _explained(group: Group, field: form.Field) -> str:
    """Return a field's help text with its bounds and default."""
    sentences = [field.help]
    if limits := schema.bounds(group, field.key):
        sentences.append(_("From %(low)s to %(high)s.", low=limits[0], high=limits[1]))
    if delivered := form.as_text(schema.default(group, field.key)):
        sentences.append(_("As delivered: %(value)s", value=delivered))
    return " ".join(filter(None, sentences))
