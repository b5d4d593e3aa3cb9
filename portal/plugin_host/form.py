"""The settings form of a plugin, made from its pydantic schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.base.language import gettext as _
from portal.contracts import PluginSettings
from portal.plugin_host import plugin_settings
from portal.plugin_host.registry import Registry

Typed = Mapping[str, str] | None


@dataclass(frozen=True)
class Field:
    """What the form shows of one setting. A secret's value never leaves the server."""

    key: str
    kind: str  # fixed yes_no choice order list secret number text
    label: str
    help: str
    value: Any
    is_set: bool
    required: bool
    options: list[tuple[str, str]]
    is_changed: bool


@dataclass(frozen=True)
class Group:
    """Fields under one heading; `folded` ones are closed until something in them is set or wrong."""

    heading: str
    fields: list[Field]
    folded: bool = False

    def is_open(self, errors: Mapping[str, str] | None) -> bool:
        """Must it be open, for what was set in it or has to be corrected?"""
        return not self.folded or any(field.is_changed or field.key in (errors or {}) for field in self.fields)


def groups(name: str, schema: type[PluginSettings], environ: Mapping[str, str], typed: Typed) -> list[Group]:
    """All fields in the schema's order under their headings; `typed` is what was refused and stays to be corrected."""
    values = plugin_settings.raw(name, schema, environ)
    fixed = plugin_settings.overrides(name, schema, environ)
    found: dict[str, Group] = {}
    for key in schema.model_fields:
        remarks = plugin_settings.remarks(schema, key)
        heading = str(remarks.get("group", ""))
        group = found.setdefault(heading, Group(_(heading) if heading else "", [], remarks.get("folded") is True))
        kind = "fixed" if key in fixed else _kind(schema, key)
        group.fields.append(_field(schema, key, kind, values, typed))
    return list(found.values())


def _kind(schema: type[PluginSettings], key: str) -> str:
    annotation = schema.model_fields[key].annotation
    if plugin_settings.is_secret(schema, key):
        return "secret"
    if annotation is bool:
        return "yes_no"
    is_list = plugin_settings.is_list(schema, key)
    if plugin_settings.choices(schema, key):
        return "order" if is_list else "choice"
    if is_list:
        return "list"
    return "number" if annotation in (int, float) else "text"


def _field(schema: type[PluginSettings], key: str, kind: str, values: Mapping[str, Any], typed: Typed) -> Field:
    info = schema.model_fields[key]
    return Field(
        key=key,
        kind=kind,
        label=_(info.title or key.replace("_", " ").capitalize()),
        help=_(info.description) if info.description else "",
        value=_shown(schema, key, kind, values, typed),
        is_set=kind == "secret" and bool(values.get(key) and values[key].get_secret_value()),
        required=info.is_required(),
        options=options(schema, key),
        is_changed=key in values and _plain(values[key]) != _plain(info.get_default(call_default_factory=True)),
    )


def _plain(value: Any) -> list[str]:
    """A stored value and a default as they compare: the database keeps lists for tuples, forms give texts."""
    return [str(each) for each in (value if isinstance(value, list | tuple) else [value])]


def options(schema: type[PluginSettings], key: str) -> list[tuple[str, str]]:
    """Every choice of a field with its words."""
    words = plugin_settings.remarks(schema, key).get("words", {})
    return [(choice, _(words.get(choice, choice))) for choice in plugin_settings.choices(schema, key)]


def ordered(schema: type[PluginSettings], key: str, form: Mapping[str, str]) -> list[str]:
    """A list as it was typed: one value a line, and for an order one in each of its boxes."""
    boxes = [key, *(f"{key}-{number}" for number in range(2, len(plugin_settings.choices(schema, key)) + 1))]
    return [line.strip() for box in boxes for line in form.get(box, "").splitlines() if line.strip()]


def _shown(schema: type[PluginSettings], key: str, kind: str, values: Mapping[str, Any], typed: Typed) -> Any:
    info = schema.model_fields[key]
    if kind in {"secret", "fixed"}:
        return ""
    if typed is not None:
        return _typed(schema, key, kind, typed)
    value = values.get(key, "" if info.is_required() else info.get_default(call_default_factory=True))
    if kind == "order":
        return list(value)
    return "\n".join(map(str, value)) if kind == "list" else "" if value is None else value


def _typed(schema: type[PluginSettings], key: str, kind: str, typed: Mapping[str, str]) -> Any:
    if kind == "order":
        return ordered(schema, key, typed)
    return typed.get(key) == "yes" if kind == "yes_no" else typed.get(key, "")


def label_of(registry: Registry, name: str, key: str) -> str:
    """A setting as its form calls it, with its heading where there is one; "" is the plugin as a whole."""
    schema = registry.schema(name)
    info = schema.model_fields.get(key)
    if info is None or not info.title:
        return key
    title, group = _(info.title), plugin_settings.remarks(schema, key).get("group", "")
    heading = _(group) if group else ""
    return title if not heading or title.startswith(heading) else f"{heading}: {title}"


def value_in_words(registry: Registry, name: str, key: str, text: str) -> str:
    """A value as the history stores it, as the form shows it."""
    schema = registry.schema(name)
    if key not in schema.model_fields or plugin_settings.is_list(schema, key):
        return text
    if schema.model_fields[key].annotation is bool:
        return {"True": _("Yes"), "False": _("No")}.get(text, text)
    return dict(options(schema, key)).get(text, text)
