"""Requirements of a plugin: settings, tables, packages, known events."""

import re
from difflib import get_close_matches
from functools import lru_cache
from importlib.metadata import Distribution, entry_points

from portal.base.language import gettext as _
from portal.plugin_host.discovery import GROUP, PluginError, folder_of
from portal.plugin_host.form import label_of
from portal.plugin_host.registry import Registry, enabled_names
from portal.work.catalogue import CATALOGUE

OURS = "paramarsh"


def needs_of(registry: Registry, name: str) -> list[str]:
    """List the requirements as sentences, met or not; `switches.obstacles` says what is missing."""
    fields = registry.schema(name).model_fields
    wanted = [label_of(registry, name, key) for key, info in fields.items() if info.is_required()]
    packages = _packages(distribution(name))
    found = []
    if wanted:
        found.append(_("These settings have to be filled in: %(names)s.", names=", ".join(wanted)))
    if (folder_of(registry.installed[name]) / "migrations").is_dir():
        found.append(_("Tables of its own in the database, made by “portal migrate”."))
    if packages:
        found.append(_("These packages on the server: %(names)s.", names=", ".join(packages)))
    return found or [_("Nothing but this portal.")]


def require_known_events(registry: Registry) -> None:
    """Raise PluginError when a plugin subscribes to an event that is not in the catalogue: it would never come."""
    for name in registry.installed:
        unknown = [event for event in registry.event_names(name) if event not in CATALOGUE]
        if unknown:
            close = get_close_matches(unknown[0], CATALOGUE, 1)
            meant = f"; did it mean {close[0]}?" if close else "."
            raise PluginError(
                f"The plugin {name} wants to hear of {unknown[0]}, which is no event (docs/events.md){meant}"
            )


@lru_cache(maxsize=64)
def distribution(name: str) -> Distribution | None:
    """Return the plugin's installed distribution, cached until the restart that an installation needs."""
    return next((entry.dist for entry in entry_points(group=GROUP) if entry.name == name), None)


def is_foreign(found: Distribution | None) -> bool:
    """Is it a third-party distribution, not the portal's own?"""
    return found is not None and found.name.lower() != OURS


def package_of(name: str) -> str:
    """Return what pip calls the plugin; "" for one of the portal's own."""
    found = distribution(name)
    return found.name if found is not None and is_foreign(found) else ""


def is_idle_guest(name: str) -> bool:
    """Is it a stranger's plugin that is off? Installed and forgotten, it must not keep the clinic from starting."""
    return is_foreign(distribution(name)) and name not in enabled_names()


def _packages(found: Distribution | None) -> list[str]:
    """List a third-party plugin's dependencies, without the portal and extras."""
    if found is None or not is_foreign(found):
        return []
    plain = [line.split(";")[0].strip() for line in found.requires or () if "extra ==" not in line]
    return [line for line in plain if re.split(r"[^\w-]", line)[0].lower() != OURS]
