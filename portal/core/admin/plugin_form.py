"""The settings form of a plugin, made from its pydantic schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic.fields import FieldInfo

from portal.contracts import PluginSettings
from portal.core.admin import plugin_settings
from portal.core.language import gettext as _


@dataclass(frozen=True)
class Field:
    """What the form shows of one setting. A secret's value never leaves the server."""

    key: str
    kind: str  # fixed yes_no choice list secret number text
    label: str
    help: str
    value: Any
    is_set: bool
    required: bool
    options: list[tuple[str, str]]


@dataclass(frozen=True)
class Group:
    """Fields under one heading; `folded` ones are for few, and closed unless something in them is wrong."""

    heading: str
    fields: list[Field]
    folded: bool = False

    def is_open(self, errors: Mapping[str, str] | None) -> bool:
        """Must it be open, for what has to be corrected in it?"""
        return not self.folded or any(field.key in (errors or {}) for field in self.fields)


def groups(
    name: str, schema: type[PluginSettings], environ: Mapping[str, str], typed: Mapping[str, str] | None
) -> list[Group]:
    """All fields in the schema's order under their headings; `typed` is what was refused and stays to be corrected."""
    values = plugin_settings.raw(name, schema, environ)
    fixed = plugin_settings.overrides(name, schema, environ)
    found: dict[str, Group] = {}
    for key, info in schema.model_fields.items():
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        heading = str(extra.get("group", ""))
        group = found.setdefault(heading, Group(_(heading) if heading else "", [], extra.get("folded") is True))
        kind = "fixed" if key in fixed else _kind(schema, key)
        group.fields.append(_field(schema, key, kind, values, typed))
    return list(found.values())


def _kind(schema: type[PluginSettings], key: str) -> str:
    annotation = schema.model_fields[key].annotation
    if plugin_settings.is_secret(schema, key):
        return "secret"
    if annotation is bool:
        return "yes_no"
    if plugin_settings.choices(schema, key):
        return "choice"
    if plugin_settings.is_list(schema, key):
        return "list"
    return "number" if annotation in (int, float) else "text"


def _field(
    schema: type[PluginSettings], key: str, kind: str, values: Mapping[str, Any], typed: Mapping[str, str] | None
) -> Field:
    info = schema.model_fields[key]
    return Field(
        key=key,
        kind=kind,
        label=_(info.title or key.replace("_", " ").capitalize()),
        help=_(info.description) if info.description else "",
        value=_shown(info, key, kind, values, typed),
        is_set=kind == "secret" and bool(values.get(key) and values[key].get_secret_value()),
        required=info.is_required(),
        options=[(choice, _(choice)) for choice in plugin_settings.choices(schema, key)],
    )


def _shown(info: FieldInfo, key: str, kind: str, values: Mapping[str, Any], typed: Mapping[str, str] | None) -> Any:
    if kind in {"secret", "fixed"}:
        return ""
    if typed is not None:
        return typed.get(key) == "yes" if kind == "yes_no" else typed.get(key, "")
    value = values.get(key, "" if info.is_required() else info.get_default(call_default_factory=True))
    return "\n".join(map(str, value)) if kind == "list" else "" if value is None else value
