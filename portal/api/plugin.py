"""Your own plugin and the portal around it: settings, whether it is on, where the portal lives."""

from pathlib import Path
from typing import TypeVar, cast

from portal.contracts import PluginSettings
from portal.plugin_host.capabilities import counts_use
from portal.plugin_host.registry import registry

__all__ = ["counts_use", "data_folder", "is_demonstration", "is_on", "public_address", "settings"]

Settings = TypeVar("Settings", bound=PluginSettings)


def settings(name: str, kind: type[Settings]) -> Settings:
    """The settings of a plugin in force, of the model that its hook `settings_schema` returns.

    Defaults, then what the administrator saved, then the environment. Raises pydantic's ValidationError while a plugin
    that is off has problems.
    """
    return cast(Settings, registry().settings(name))


def is_on(name: str) -> bool:
    """Is this plugin switched on? Sweeps ask it first."""
    return registry().is_on(name)


def is_demonstration() -> bool:
    """Does the portal run as a demonstration, without real people?"""
    return registry().config.demo


def public_address() -> str:
    """The portal's address as browsers see it, without a slash at its end."""
    return registry().config.base_url


def data_folder() -> Path:
    """The portal's folder of data on this machine; a plugin keeps its files in a folder below it."""
    return registry().config.data_dir
