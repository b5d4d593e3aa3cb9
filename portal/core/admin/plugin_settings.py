"""Plugin settings at rest: JSON, secrets encrypted, the environment wins."""

import base64
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from cryptography.fernet import Fernet, InvalidToken
from pydantic import SecretStr, ValidationError

from portal.contracts import PluginSettings
from portal.core.admin.models import PluginState
from portal.core.keys import subkey
from portal.core.language import gettext as _


def load(name: str, schema: type[PluginSettings], environ: Mapping[str, str]) -> PluginSettings:
    """The settings in force. Raises pydantic's ValidationError when they have problems."""
    return schema.model_validate(raw(name, schema, environ))


def raw(name: str, schema: type[PluginSettings], environ: Mapping[str, str]) -> dict[str, Any]:
    """What the database and the environment say, secrets in clear, not yet validated."""
    row = PluginState.get_or_none(PluginState.name == name)
    stored = dict(row.settings) if row else {}
    values = {key: _clear(schema, key, value) for key, value in stored.items() if key in schema.model_fields}
    return values | overrides(name, schema, environ)


def overrides(name: str, schema: type[PluginSettings], environ: Mapping[str, str]) -> dict[str, str]:
    """Fields that PORTAL_<PLUGIN>_<FIELD> (or …_FILE) sets, and the page therefore shows read-only."""
    found = {}
    for field in schema.model_fields:
        variable = f"PORTAL_{name}_{field}".upper()
        if variable in environ:
            found[field] = environ[variable]
        elif path := environ.get(variable + "_FILE"):
            with open(path) as file:
                found[field] = file.read().strip()
    return found


def problems(name: str, schema: type[PluginSettings], environ: Mapping[str, str]) -> dict[str, str]:
    """Field -> sentence for everything wrong; empty when the plugin may be switched on."""
    return problems_of(schema, raw(name, schema, environ))


def problems_of(schema: type[PluginSettings], values: Mapping[str, Any]) -> dict[str, str]:
    """Field -> sentence for everything wrong with these values."""
    try:
        schema.model_validate(values)
    except ValidationError as error:
        return {str(part["loc"][0]) if part["loc"] else "": _sentence(part) for part in error.errors()}
    return {}


def sealed(schema: type[PluginSettings], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored: secrets encrypted."""
    return {key: _cipher().encrypt(str(value).encode()).decode() if is_secret(schema, key) and value else value
            for key, value in values.items()}  # fmt: skip


def is_secret(schema: type[PluginSettings], field: str) -> bool:
    """Is this field write-only?"""
    return "SecretStr" in str(schema.model_fields[field].annotation)


def is_list(schema: type[PluginSettings], field: str) -> bool:
    """Does this field hold several values, one a line?"""
    return str(schema.model_fields[field].annotation).startswith(("list", "tuple"))


def choices(schema: type[PluginSettings], field: str) -> tuple[str, ...]:
    """The values of a Literal field; empty for any other."""
    annotation = schema.model_fields[field].annotation
    return tuple(str(value) for value in get_args(annotation)) if get_origin(annotation) is Literal else ()


def _clear(schema: type[PluginSettings], key: str, value: Any) -> Any:
    if not (is_secret(schema, key) and value):
        return value
    try:
        return SecretStr(_cipher().decrypt(str(value).encode()).decode())
    except InvalidToken:
        return None


def _cipher() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(subkey("plugin secrets")))


def _sentence(part: Any) -> str:
    if part["type"] == "missing":
        return _("This is required.")
    return str(part["msg"]).removeprefix("Value error, ")
