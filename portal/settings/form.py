"""Form fields generated from a pydantic settings model."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from portal.base.language import gettext as _
from portal.settings import schema as fields
from portal.settings.schema import Schema

HIDDEN = "•••"
Typed = Mapping[str, str] | None


@dataclass(frozen=True)
class Field:
    """One setting as the form shows it. A secret's value never leaves the server."""

    key: str
    kind: str  # fixed yes_no choice order list secret whole number text
    label: str
    help: str
    value: Any
    is_set: bool
    required: bool
    options: list[tuple[str, str]]
    is_changed: bool
    variable: str  # environment variable that overrides it


@dataclass(frozen=True)
class Group:
    """Fields under one heading; a `folded` group is collapsed until a field in it is set or invalid."""

    heading: str
    fields: list[Field]
    folded: bool = False

    def is_open(self, errors: Mapping[str, str] | None) -> bool:
        """Is the group expanded, because a field in it was changed or is invalid?"""
        return not self.folded or any(field.is_changed or field.key in (errors or {}) for field in self.fields)


@dataclass(frozen=True)
class Shown:
    """Content of a form: values in force, environment overrides (read-only), and typed input that was refused."""

    owner: str  # whose settings they are: a plugin's name, or "clinic"
    values: Mapping[str, Any]
    fixed: Mapping[str, str]
    typed: Typed = None


def field(schema: Schema, key: str, shown: Shown) -> Field:
    """Build one form field."""
    info, values = schema.model_fields[key], shown.values
    kind = "fixed" if key in shown.fixed else _kind(schema, key)
    return Field(
        key=key,
        kind=kind,
        label=label(schema, key),
        help=_(info.description) if info.description else "",
        value=_value(schema, key, kind, shown),
        is_set=kind == "secret" and bool(values.get(key) and values[key].get_secret_value()),
        required=info.is_required(),
        options=options(schema, key),
        is_changed=key in values and _plain(values[key]) != _plain(fields.default(schema, key)),
        variable=fields.variable(shown.owner, key),
    )


def label(schema: Schema, key: str) -> str:
    """Return the field's label."""
    return _(schema.model_fields[key].title or key.replace("_", " ").capitalize())


def as_text(value: Any) -> str:
    """Format a value for a form input."""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, list | tuple):
        return "\n".join(map(str, value))
    return "" if value is None else str(value)


def options(schema: Schema, key: str) -> list[tuple[str, str]]:
    """List a field's choices with their labels."""
    words = fields.remarks(schema, key).get("words", {})
    return [(choice, _(words.get(choice, choice))) for choice in fields.choices(schema, key)]


def ordered(schema: Schema, key: str, form: Mapping[str, str]) -> list[str]:
    """Parse a submitted list: one value a line; an ordered choice has one input for each place."""
    boxes = [key, *(f"{key}-{number}" for number in range(2, len(fields.choices(schema, key)) + 1))]
    return [line.strip() for box in boxes for line in form.get(box, "").splitlines() if line.strip()]


def _kind(schema: Schema, key: str) -> str:
    annotation = schema.model_fields[key].annotation
    if fields.is_secret(schema, key):
        return "secret"
    if annotation is bool:
        return "yes_no"
    is_list = fields.is_list(schema, key)
    if fields.choices(schema, key):
        return "order" if is_list else "choice"
    if is_list:
        return "list"
    return {int: "whole", float: "number"}.get(annotation, "text") if isinstance(annotation, type) else "text"


def _plain(value: Any) -> list[str]:
    """Normalise for comparing with a default: the database keeps lists for tuples, forms give texts."""
    return [str(each) for each in (value if isinstance(value, list | tuple) else [value])]


def _value(schema: Schema, key: str, kind: str, shown: Shown) -> Any:
    if kind == "fixed":
        return HIDDEN if fields.is_secret(schema, key) else as_text(shown.values[key])
    if kind == "secret":
        return ""
    if shown.typed is not None:
        return _typed(schema, key, kind, shown.typed)
    is_required = schema.model_fields[key].is_required()
    value = shown.values.get(key, "" if is_required else fields.default(schema, key))
    if kind == "order":
        return list(value)
    return value if kind == "yes_no" else as_text(value)


def _typed(schema: Schema, key: str, kind: str, typed: Mapping[str, str]) -> Any:
    if kind == "order":
        return ordered(schema, key, typed)
    return typed.get(key) == "yes" if kind == "yes_no" else typed.get(key, "")
