"""The form of the clinic's settings, built from their models."""

from collections.abc import Mapping
from dataclasses import replace

from portal.base.language import gettext as _
from portal.settings import form, schema
from portal.settings.clinic import GROUPS
from portal.settings.clinic import keys as all_keys
from portal.settings.stored import OWNER, Group, fixed


def groups(typed: Mapping[str, str]) -> list[form.Group]:
    """Build the groups of editable settings; `typed` is refused input, to be corrected."""
    return [form.Group(_(group.heading), _fields(group, typed)) for group in GROUPS]


def labels() -> dict[str, str]:
    """Return the label of each setting."""
    return {key: form.label(group, key) for key, group in all_keys().items()}


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
