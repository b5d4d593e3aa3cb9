"""The plugin's own settings and state, and the portal's URL and data folder."""

import inspect
from pathlib import Path
from typing import TypeVar, cast

from portal.contracts import PluginSettings
from portal.plugin_host.capabilities import counts_use
from portal.plugin_host.registry import registry

__all__ = ["counts_use", "data_folder", "is_demonstration", "is_on", "public_address", "settings"]

Settings = TypeVar("Settings", bound=PluginSettings)


def settings(name: str, kind: type[Settings]) -> Settings:
    """Return the calling plugin's current settings, as the model of its hook `settings_schema`.

    Defaults, then what the administrator saved, then the environment. Raises pydantic's ValidationError for a plugin
    that is off with invalid settings, PermissionError for code outside the package of this plugin: what another one
    keeps, such as its password, is nobody else's (S60).
    """
    frame = inspect.currentframe()
    asking = frame.f_back.f_globals["__name__"] if frame and frame.f_back else ""
    own = registry().installed[name].__name__
    if asking != own and not asking.startswith(f"{own}."):
        raise PermissionError(f"{asking} is no part of the plugin {name}")
    return cast(Settings, registry().settings(name))


def is_on(name: str) -> bool:
    """Is this plugin switched on? Check it first in a sweep."""
    return registry().is_on(name)


def is_demonstration() -> bool:
    """Does the portal run as a demo, without real people?"""
    return registry().config.demo


def public_address() -> str:
    """Return the portal's public base URL, without a trailing slash."""
    return registry().config.base_url


def data_folder() -> Path:
    """Return the portal's data folder; keep a plugin's files in a folder below it."""
    return registry().config.data_dir
