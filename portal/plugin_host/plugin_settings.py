"""Plugin settings at rest: JSON, secrets encrypted, the environment wins."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr, ValidationError

from portal.base.language import gettext as _
from portal.contracts import PluginSettings
from portal.plugin_host.models import PluginState
from portal.plugin_host.sentences import sentence

HIDDEN = "•••"


def raw(name: str, schema: type[PluginSettings], environ: Mapping[str, str]) -> dict[str, Any]:
    """What the database and the environment say, secrets in clear, not yet validated."""
    row = PluginState.get_or_none(PluginState.name == name)
    return in_force(name, schema, row.settings if row else {}, environ)


def in_force(
    name: str, schema: type[PluginSettings], stored: Mapping[str, Any], environ: Mapping[str, str]
) -> dict[str, Any]:
    """These stored values with secrets in clear, and what the environment says over them; not yet validated."""
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
    lost = [key for key, value in values.items() if value is None and is_secret(schema, key)]
    found = dict.fromkeys(lost, _("This cannot be read with the present secret key of the portal. Type it again."))
    try:
        schema.model_validate({key: value for key, value in values.items() if key not in lost})
    except ValidationError as error:
        for part in error.errors():
            found.setdefault(str(part["loc"][0]) if part["loc"] else "", sentence(part["type"], part))
    return found


def sealed(schema: type[PluginSettings], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored: secrets encrypted."""
    return {
        key: PluginState.settings.seal(str(value)) if is_secret(schema, key) and value else value
        for key, value in values.items()
    }


def secrets_in(settings: PluginSettings | None) -> list[str]:
    """The secrets of settings in force, to be cut out of whatever is shown."""
    values = vars(settings).values() if settings is not None else ()
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]


def masked(text: str, secrets: Iterable[str]) -> str:
    """A plugin's sentence without secrets and without telephone numbers."""
    for secret in secrets:
        if len(secret) > 2:
            text = text.replace(secret, HIDDEN)
    return re.sub(r"\d{6,}(?=\d{4})", HIDDEN, text)


def is_secret(schema: type[PluginSettings], field: str) -> bool:
    """Is this field write-only?"""
    return "SecretStr" in str(schema.model_fields[field].annotation)


def is_list(schema: type[PluginSettings], field: str) -> bool:
    """Does this field hold several values, one a line?"""
    return str(schema.model_fields[field].annotation).startswith(("list", "tuple"))


def remarks(schema: type[PluginSettings], field: str) -> dict[str, Any]:
    """What the schema says of a field beyond its type: its group, and the words of its choices."""
    found = schema.model_fields[field].json_schema_extra
    return dict(found) if isinstance(found, dict) else {}


def choices(schema: type[PluginSettings], field: str) -> tuple[str, ...]:
    """The values of a Literal field, or of a list of such; empty for any other."""
    annotation: Any = schema.model_fields[field].annotation
    if get_origin(annotation) in (tuple, list):
        annotation = get_args(annotation)[0]
    return tuple(str(value) for value in get_args(annotation)) if get_origin(annotation) is Literal else ()


def _clear(schema: type[PluginSettings], key: str, value: Any) -> Any:
    if not (is_secret(schema, key) and value):
        return value
    clear = PluginState.settings.unseal(str(value))
    return None if clear is None else SecretStr(clear)
