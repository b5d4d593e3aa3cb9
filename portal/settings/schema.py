"""Introspection of a settings model: field types, bounds, validation errors, environment overrides."""

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel, ValidationError

from portal.base.language import gettext as _

Schema = type[BaseModel]


def is_secret(schema: Schema, field: str) -> bool:
    """Is this field a secret, never shown again?"""
    return "SecretStr" in str(schema.model_fields[field].annotation)


def is_list(schema: Schema, field: str) -> bool:
    """Does this field hold several values, one a line?"""
    return str(schema.model_fields[field].annotation).startswith(("list", "tuple"))


def remarks(schema: Schema, field: str) -> dict[str, Any]:
    """Return a field's extra schema data: its group, and the labels of its choices."""
    found = schema.model_fields[field].json_schema_extra
    return dict(found) if isinstance(found, dict) else {}


def choices(schema: Schema, field: str) -> tuple[str, ...]:
    """List the values of a Literal field, or of a list of such; empty for any other."""
    annotation: Any = schema.model_fields[field].annotation
    if get_origin(annotation) in (tuple, list):
        annotation = get_args(annotation)[0]
    return tuple(str(value) for value in get_args(annotation)) if get_origin(annotation) is Literal else ()


def bounds(schema: Schema, field: str) -> tuple[int, int] | None:
    """Return minimum and maximum of an integer field that has both, else None."""
    info = schema.model_fields.get(field)
    if info is None or info.annotation is not int:
        return None
    low = next((each.ge for each in info.metadata if isinstance(each, Ge)), None)
    high = next((each.le for each in info.metadata if isinstance(each, Le)), None)
    return (low, high) if isinstance(low, int) and isinstance(high, int) else None


def default(schema: Schema, field: str) -> Any:
    """Return the field's default."""
    return schema.model_fields[field].get_default(call_default_factory=True)


def variable(owner: str, field: str) -> str:
    """Return a setting's environment variable: PORTAL_<PLUGIN>_<FIELD> or PORTAL_CLINIC_<FIELD>."""
    return f"PORTAL_{owner}_{field}".upper()


def overrides(owner: str, schema: Schema, environ: Mapping[str, str]) -> dict[str, str]:
    """Read the fields set by the environment, or by a file it names (…_FILE). Pages show them read-only."""
    found = {}
    for field in schema.model_fields:
        name = variable(owner, field)
        if name in environ:
            found[field] = environ[name]
        elif path := environ.get(name + "_FILE"):
            with open(path) as file:
                found[field] = file.read().strip()
    return found


def problems_of(schema: Schema, values: Mapping[str, Any]) -> dict[str, str]:
    """Validate the values and return a sentence for each invalid field."""
    found: dict[str, str] = {}
    try:
        schema.model_validate(values)
    except ValidationError as error:
        for part in error.errors():
            field = str(part["loc"][0]) if part["loc"] else ""
            found.setdefault(field, _sentence(part["type"], part))
    return found


def _sentence(kind: str, part: Mapping[str, Any]) -> str:
    """Translate one pydantic error. The text of the schema's own validators is translated already."""
    limits = part.get("ctx", {})
    if kind == "value_error":
        return str(part["msg"]).removeprefix("Value error, ")
    if kind in {"missing", "string_type"}:
        return _("This is required.")
    if kind == "too_short":
        return _("Name at least %(limit)s.", limit=limits["min_length"])
    if kind.startswith("string_too_"):
        return _length(kind, limits)
    if kind.startswith(("greater_than", "less_than")):
        return _range(kind, limits)
    if kind.startswith(("int_", "float_", "decimal_")):
        return _("Give a number.")
    if kind.startswith("url_"):
        return _("Give an address that begins with https:// or http://.")
    if kind in {"literal_error", "enum"}:
        return _("Choose one of these: %(names)s.", names=limits["expected"].replace("'", "").replace(" or ", ", "))
    if kind == "extra_forbidden":
        return _("This plugin has no such setting.")
    return _("This cannot be right: %(reason)s", reason=part["msg"])


def _length(kind: str, limits: Mapping[str, Any]) -> str:
    if kind == "string_too_long":
        return _("At most %(limit)s characters.", limit=limits["max_length"])
    return (
        _("This is required.")
        if limits["min_length"] == 1
        else _("At least %(limit)s characters.", limit=limits["min_length"])
    )


def _range(kind: str, limits: Mapping[str, Any]) -> str:
    limit = next(iter(limits.values()))
    if kind == "greater_than":
        return _("Give more than %(limit)s.", limit=limit)
    if kind == "greater_than_equal":
        return _("Give at least %(limit)s.", limit=limit)
    if kind == "less_than":
        return _("Give less than %(limit)s.", limit=limit)
    return _("Give at most %(limit)s.", limit=limit)
