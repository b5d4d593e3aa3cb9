"""Templates of a gateway's fields: `$names` of a fixed list and nothing else (S42)."""

import base64
from collections.abc import Iterable, Mapping
from string import Template
from typing import Any
from urllib.parse import quote

from portal.api import json_text
from portal.api.base import gettext as _

NAMES = (
    "to",
    "e164",
    "mobile",
    "text",
    "header",
    "entity",
    "template",
    "language",
    "uid",
    "callback",
    "account",
    "user",
    "secret",
    "basic",
    "coding",
    "kind",
    "reference",
)
SHOWN = " ".join(f"${name}" for name in NAMES)
Values = Mapping[str, str]


def check(lines: Iterable[str]) -> None:
    """Validate templates. Raises ValueError with a sentence for an unknown name."""
    for line in lines:
        template = Template(line)
        if not template.is_valid() or not set(template.get_identifiers()) <= set(NAMES):
            raise ValueError(_("Only these names can be filled in: %(names)s.", names=SHOWN))


def basic(user: str, secret: str) -> str:
    """Encode credentials for the header Authorization: Basic."""
    return base64.b64encode(f"{user}:{secret}".encode()).decode()


def url(template: str, values: Values) -> str:
    """Fill in a URL: a value cannot add a path or a query."""
    return Template(template).substitute({name: quote(value, safe="") for name, value in values.items()})


def pairs(lines: Iterable[str], separator: str, values: Values) -> dict[str, str]:
    """Fill in `name=value` lines; an empty field is left out."""
    split = (line.partition(separator) for line in lines)
    filled = {name.strip(): Template(value.strip()).substitute(values) for name, _mark, value in split}
    return {name: value for name, value in filled.items() if value}


def tree(text: str, values: Values) -> Any:
    """Fill in the strings of a JSON document: parsed first, so that no value can change its structure."""
    return _fill(json_text.read(text), values)


def _fill(part: Any, values: Values) -> Any:
    if isinstance(part, str):
        return Template(part).substitute(values)
    if isinstance(part, list):
        return [_fill(each, values) for each in part]
    if isinstance(part, dict):
        return {name: _fill(each, values) for name, each in part.items()}
    return part
