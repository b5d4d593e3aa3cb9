"""What pydantic finds wrong, as a sentence in the reader's language."""

from collections.abc import Mapping
from typing import Any

from portal.base.language import gettext as _


def sentence(kind: str, part: Mapping[str, Any]) -> str:
    """The sentence of one error. A validator of the schema's own speaks for itself (its text is already translated)."""
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
