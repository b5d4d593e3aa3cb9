"""Installed plugins: found by their entry points, and whether they fit this version of the plugin API."""

import re
from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

import pluggy

from portal import hookspecs
from portal.base.language import gettext as _

GROUP = "portal.plugins"
NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
VERSION = re.compile(r"(\d{1,3})\.(\d{1,3})")


class PluginError(Exception):
    """A plugin cannot be loaded; the message names it and says why."""


def discover() -> dict[str, ModuleType]:
    """Import every installed plugin by its entry point. Raises PluginError for one that cannot be imported."""
    modules: dict[str, ModuleType] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        if not NAME.fullmatch(entry.name):
            raise PluginError(f"The plugin {entry.name!r} has no proper name: small letters, digits and _ only.")
        try:
            modules[entry.name] = entry.load()
        except (Exception, SystemExit) as error:
            raise PluginError(
                f"The plugin {entry.name} cannot be loaded ({type(error).__name__}: {error}); "
                f"mend it, or take it away: pip uninstall {entry.dist.name if entry.dist else entry.value}"
            ) from error
    return modules


def check(modules: Mapping[str, ModuleType]) -> None:
    """Raise PluginError for an unknown hook or argument. A plugin for another version of the API is not judged."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    try:
        for name, module in modules.items():
            if not misfit_of(module):
                manager.register(module, name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        reason = " ".join(str(error).split())
        raise PluginError(f"A plugin does not fit (docs/hooks.md); mend it, or uninstall it: {reason}") from error


def wanted_version(module: ModuleType) -> str:
    """Return the version of the plugin API that a plugin was written for; "1.0" when it does not say."""
    hook = getattr(module, "api_version", None)
    return str(hook()) if hook else "1.0"


def misfit_of(module: ModuleType) -> str:
    """Return why a plugin cannot run on this version of the plugin API, "" when it can.

    Within a major version the API only grows: a plugin written for 1.2 runs on 1.5, not on 1.1 and not on 2.0.
    """
    ours = hookspecs.API_VERSION
    try:
        wanted = wanted_version(module)
    except Exception:  # noqa: BLE001 whatever it raises, it has not said its version
        wanted = "?"
    found = VERSION.fullmatch(wanted)
    if found is None:
        return _("It does not say properly for which version of the plugin API it was written.")
    major, minor = (int(part) for part in found.groups())
    own_major, own_minor = (int(part) for part in ours.split("."))
    if major == own_major and minor <= own_minor:
        return ""
    said = {"wanted": wanted, "ours": ours}
    if (major, minor) > (own_major, own_minor):
        return _("It needs plugin API %(wanted)s; this portal has %(ours)s. Update the portal first.", **said)
    return _("It was written for plugin API %(wanted)s; this portal has %(ours)s. Update the plugin.", **said)


def migration_folders(modules: dict[str, ModuleType]) -> dict[str, Path]:
    """Map plugins to their migration folders, where they have one."""
    folders = {name: folder_of(module) / "migrations" for name, module in modules.items()}
    return {name: folder for name, folder in folders.items() if folder.is_dir()}


def folder_of(module: ModuleType) -> Path:
    """Return the plugin's folder, with its migrations and translations."""
    return Path(str(module.__file__)).parent
