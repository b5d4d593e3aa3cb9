"""Changes by the administrator: plugin settings and order."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from portal.base.errors import Invalid, NotFound
from portal.base.language import gettext as _
from portal.base.typed import whole
from portal.contracts import PluginSettings
from portal.plugin_host import plugin_settings
from portal.plugin_host.models import PluginMoved, PluginState, bump_revision
from portal.plugin_host.registry import registry
from portal.plugin_host.switches import state_of
from portal.settings.form import HIDDEN, as_text, ordered
from portal.settings.schema import choices, default, is_list, is_secret, overrides
from portal.store.db import write
from portal.store.versions import require_seen
from portal.work import audit
from portal.work.audit import Actor
from portal.work.events import record

Schema = type[PluginSettings]


def save_plugin_settings(name: str, form: Mapping[str, str], *, by: Actor, now: datetime) -> None:
    """Validate and store a plugin's settings. An empty secret keeps the old one; overridden fields are ignored.

    Raises Invalid with every problem, Changed when the form is stale. The changes are audited, secrets only by name.
    """
    plugins = registry()
    schema, environ = plugins.schema(name), plugins.config.environ
    fixed = overrides(name, schema, environ)
    before = plugin_settings.raw(name, schema, {})
    values = {key: typed(schema, key, form, before) for key in schema.model_fields if key not in fixed}
    given = {key: value for key, value in values.items() if value not in (None, "")}
    problems = _not_chosen(schema, values) | plugin_settings.problems_of(schema, given | fixed)
    if problems:
        raise Invalid(problems)
    with write():
        secrets = [key for key in values if is_secret(schema, key)]
        texts = {key: as_text(value) for key, value in values.items()} | _secrets_typed(name, schema, form)
        require_seen(f"plugin {name}", form.get("version", ""), lambda: settings_shown(name), texts, secrets=secrets)
        row = state_of(name)
        PluginState.update(settings=plugin_settings.sealed(schema, given)).where(PluginState.id == row.id).execute()
        bump_revision()
        changes = {key: pair for key in values if (pair := _change(schema, key, before, given))}
        audit.note("PluginSettingsChanged", name, by=by, now=now, changes=changes)
    plugins.sync()


def has_secrets(name: str) -> bool:
    """Has this plugin secret settings? Then its other settings say whom the secret is sent to."""
    plugins = registry()
    if name not in plugins.installed:
        return False
    schema = plugins.schema(name)
    return any(is_secret(schema, key) for key in schema.model_fields)


def settings_shown(name: str) -> dict[str, str]:
    """Return a plugin's stored settings as form texts; secrets stay encrypted and are never shown."""
    schema, sealed = registry().schema(name), state_of(name).settings
    values = {key: sealed.get(key, _default(schema, key)) for key in schema.model_fields}
    return {key: as_text(value) for key, value in values.items()}


def move_plugin(name: str, to: str, *, by: Actor, now: datetime) -> int:
    """Move a plugin in the order of calls: `up`, `down`, or to a place counted from 1.

    Returns its new place. Raises NotFound, Invalid.
    """
    plugins = registry()
    if name not in plugins.installed:
        raise NotFound
    with write():
        order = in_order(list(plugins.installed))
        before = order.index(name)
        order.insert(_place(to, before, order), order.pop(before))
        place = order.index(name) + 1
        if place == before + 1:
            return place
        for position, each in enumerate(order, 1):
            PluginState.update(position=position * 10).where(PluginState.id == state_of(each).id).execute()
        bump_revision()
        record(PluginMoved(place=place), name, by=by, now=now)
    plugins.sync()
    return place


def in_order(names: list[str]) -> list[str]:
    """Sort plugins by the administrator's order; those never configured come last."""
    positions = {row.name: row.position for row in PluginState.select(PluginState.name, PluginState.position)}
    return sorted(names, key=lambda name: (positions.get(name, 10**6), name))


def typed(schema: Schema, key: str, form: Mapping[str, str], before: Mapping[str, Any]) -> Any:
    """Read one field of the form; an empty secret keeps its old value unless it is to be removed."""
    if schema.model_fields[key].annotation is bool:
        return form.get(key) == "yes"
    text = form.get(key, "").strip()
    if is_secret(schema, key) and not text:
        old = before.get(key)
        return old.get_secret_value() if old is not None and form.get(f"{key}-remove") != "yes" else None
    if is_list(schema, key):
        return ordered(schema, key, form)
    return text


def _default(schema: Schema, key: str) -> Any:
    is_empty = schema.model_fields[key].is_required() or is_secret(schema, key)
    return "" if is_empty else default(schema, key)


def _secrets_typed(name: str, schema: Schema, form: Mapping[str, str]) -> dict[str, str]:
    """Return each secret for comparison: its stored ciphertext, "" when removed, HIDDEN when replaced."""
    secrets = {key: text for key, text in settings_shown(name).items() if is_secret(schema, key)}
    removed = {key: "" for key in secrets if form.get(f"{key}-remove") == "yes"}
    return secrets | removed | {key: HIDDEN for key in secrets if form.get(key, "").strip()}


def _place(to: str, before: int, order: list[str]) -> int:
    if to in {"up", "down"}:
        return max(0, before + (-1 if to == "up" else 1))
    place = whole(to, 1, len(order))
    if place is None:
        raise Invalid({"": _("There is no such place in the order.")})
    return place - 1


def _change(schema: Schema, key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str] | None:
    """Return [old, new] when this field changed; a secret's values are masked for the audit log."""
    default = schema.model_fields[key].get_default(call_default_factory=True)
    old, new = _text(before.get(key, default)), _text(after.get(key, default))
    if old == new:
        return None
    return [HIDDEN if old else "", HIDDEN if new else ""] if is_secret(schema, key) else [old, new]


def _text(value: Any) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))[:200]
    return "" if value is None or "PydanticUndefined" in repr(value) else str(value)[:200]


def _not_chosen(schema: Schema, values: Mapping[str, Any]) -> dict[str, str]:
    """Report choices without a value: a form that lacks one is not from this page."""
    empty = [key for key, value in values.items() if value == "" and choices(schema, key)]
    return dict.fromkeys(empty, _("This is required."))
