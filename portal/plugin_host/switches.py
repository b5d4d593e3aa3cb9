"""Switching plugins on and off, and the checks before it."""

from datetime import datetime

from peewee import fn

from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.language import gettext as _
from portal.plugin_host import capabilities, plugin_settings
from portal.plugin_host.capabilities import in_use
from portal.plugin_host.discovery import folder_of, misfit_of
from portal.plugin_host.models import HookCount, PluginState, PluginSwitchedOff, PluginSwitchedOn, bump_revision
from portal.plugin_host.registry import Registry, registry
from portal.store import migrator
from portal.store.db import write
from portal.work.audit import Actor
from portal.work.events import record


class MustConfirm(Conflict):
    """Confirmation required: the consequences of the switch, a sentence each."""

    def __init__(self, consequences: list[str]) -> None:
        super().__init__(" ".join(consequences))
        self.consequences = consequences


def switch(name: str, enabled: bool, *, by: Actor, now: datetime, confirmed: bool = False) -> None:
    """Switch a plugin on or off; every process follows at its next request or job.

    Raises NotFound for an unknown plugin, Invalid when its settings or its self-test fail, MustConfirm when it has open
    rooms or is the last provider of a capability.
    """
    plugins = registry()
    if name not in plugins.installed:
        raise NotFound(_("There is no plugin of this name."))
    if enabled:
        _require_settings(name)
        _require_self_test(name)
    elif not confirmed:
        _require_accepted(name)
    with write():
        row = state_of(name)
        # A decision by hand resets the failure counts.
        PluginState.update(alarm="", alarmed_at=None).where(PluginState.id == row.id).execute()
        HookCount.update(failing=0, failing_since=None).where(HookCount.plugin == name).execute()
        if row.enabled != enabled:
            PluginState.update(enabled=enabled).where(PluginState.id == row.id).execute()
            bump_revision()
            record(PluginSwitchedOn() if enabled else PluginSwitchedOff(), name, by=by, now=now)
    plugins.sync()


def state_of(name: str) -> PluginState:
    """Get or create the plugin's row, at the end of the order."""
    found = PluginState.get_or_none(PluginState.name == name)
    if found is None:
        last = PluginState.select(fn.MAX(PluginState.position)).scalar() or 0
        found = PluginState.create(name=name, position=last + 10)
    return found


def obstacles(plugins: Registry, name: str) -> dict[str, str]:
    """Check whether a plugin can be switched on: a sentence for each field; the key "" is for the plugin as a whole."""
    misfit = misfit_of(plugins.installed[name])
    if misfit:
        return {"": misfit}
    found = plugin_settings.problems(name, plugins.schema(name), plugins.config.environ)
    folder = folder_of(plugins.installed[name]) / "migrations"
    if folder.is_dir() and migrator.pending(name, folder):
        found.setdefault("", _("Its tables are not there yet. Run “portal migrate” on the server first."))
    return found


def _require_settings(name: str) -> None:
    problems = obstacles(registry(), name)
    if problems:
        raise Invalid(problems)


def _require_self_test(name: str) -> None:
    """Run the self-test, outside any transaction, as it may call a server."""
    found = registry().ask(name, "self_test")
    if found:
        raise Invalid({"": " ".join(found)})


def _require_accepted(name: str) -> None:
    consequences = capabilities.cut_off(registry(), name)
    if rooms := in_use(name):
        consequences.append(_("Open calls by this plugin: %(rooms)s. They stay with it to their end.", rooms=rooms))
    if consequences:
        raise MustConfirm(consequences)
