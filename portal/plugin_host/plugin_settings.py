"""Stored plugin settings: JSON with encrypted secrets, overridden by the environment."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import SecretStr

from portal.base.language import gettext as _
from portal.contracts import PluginSettings
from portal.plugin_host.models import PluginState
from portal.settings import schema as fields
from portal.settings.form import HIDDEN
from portal.settings.schema import is_secret, overrides


def raw(name: str, schema: type[PluginSettings], environ: Mapping[str, str]) -> dict[str, Any]:
    """Load a plugin's settings from database and environment, decrypted, not validated."""
    row = PluginState.get_or_none(PluginState.name == name)
    return in_force(name, schema, row.settings if row else {}, environ)


def in_force(
    name: str, schema: type[PluginSettings], stored: Mapping[str, Any], environ: Mapping[str, str]
) -> dict[str, Any]:
    """Decrypt stored values and apply the environment's overrides, without validating."""
    values = {key: _clear(schema, key, value) for key, value in stored.items() if key in schema.model_fields}
    return values | overrides(name, schema, environ)


def problems(name: str, schema: type[PluginSettings], environ: Mapping[str, str]) -> dict[str, str]:
    """Validate a plugin's settings: a sentence for each wrong field; empty when it may be switched on."""
    return problems_of(schema, raw(name, schema, environ))


def problems_of(schema: type[PluginSettings], values: Mapping[str, Any]) -> dict[str, str]:
    """Validate these values: a sentence for each wrong field, also for secrets that no key decrypts."""
    lost = [key for key, value in values.items() if value is None and is_secret(schema, key)]
    found = dict.fromkeys(lost, _("This cannot be read with the present secret key of the portal. Type it again."))
    return fields.problems_of(schema, {key: value for key, value in values.items() if key not in lost}) | found


def sealed(schema: type[PluginSettings], values: Mapping[str, Any]) -> dict[str, Any]:
    """Encrypt the secrets for storage."""
    return {
        key: PluginState.settings.seal(str(value)) if is_secret(schema, key) and value else value
        for key, value in values.items()
    }


def secrets_in(settings: PluginSettings | None) -> list[str]:
    """List the plaintext secrets, for masking."""
    values = vars(settings).values() if settings is not None else ()
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]


def masked(text: str, secrets: Iterable[str]) -> str:
    """Mask secrets and telephone numbers in a plugin's text."""
    for secret in secrets:
        if len(secret) > 2:
            text = text.replace(secret, HIDDEN)
    return re.sub(r"\d{6,}(?=\d{4})", HIDDEN, text)


def _clear(schema: type[PluginSettings], key: str, value: Any) -> Any:
    if not (is_secret(schema, key) and value):
        return value
    clear = PluginState.settings.unseal(str(value))
    return None if clear is None else SecretStr(clear)
