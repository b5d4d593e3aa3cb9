"""The plugin registry: what is installed, what is on, and how hooks are asked.

Switching builds a new PluginManager and swaps it, when the revision row changed: never register or unregister on a
living one, as two workers would come to different orders and a request could see half a change.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pluggy
import structlog
from flask import Flask, current_app

from portal import contracts, hookspecs
from portal.config import Config
from portal.contracts import GatewayError, PluginSettings
from portal.core import events
from portal.core.admin import plugin_settings
from portal.core.admin.models import PluginRevision, PluginState

GROUP = "portal.plugins"
log = structlog.get_logger(__name__)


Failed = Callable[[str, GatewayError], None]


class PluginError(Exception):
    """A plugin cannot be loaded; the text names it and says why."""


def _unheard(name: str, error: GatewayError) -> None:
    return


@dataclass(frozen=True)
class Snapshot:
    """The enabled plugins at one revision, in the administrator's order."""

    revision: int
    names: tuple[str, ...]
    manager: pluggy.PluginManager


class Registry:
    """All installed plugins and the snapshot of enabled ones."""

    def __init__(self, config: Config, modules: dict[str, ModuleType]) -> None:
        self.config = config
        self.installed = modules
        self._facts = _manager(modules.items())
        self._facts.check_pending()
        self._snapshot = Snapshot(-1, (), _manager([]))

    def sync(self) -> None:
        """Swap in a new snapshot when the administrator changed something. Called before every request and task."""
        revision = current_revision()
        if revision != self._snapshot.revision:
            names = tuple(name for name in enabled_names() if name in self.installed and self._is_sound(name))
            self._snapshot = Snapshot(revision, names, _manager((name, self.installed[name]) for name in names))

    def _is_sound(self, name: str) -> bool:
        """A plugin whose settings have problems counts as off: the environment may have changed since it was put on."""
        try:
            problems = plugin_settings.problems(name, self.schema(name), self.config.environ)
        except OSError as error:  # the file of a secret is not there
            problems = {"": str(error.strerror)}
        if problems:
            log.error("plugin_held_off", plugin=name, fields=sorted(problems))
        return not problems

    @property
    def enabled(self) -> tuple[str, ...]:
        """Names of the enabled plugins, in order."""
        return self._snapshot.names

    def is_on(self, name: str) -> bool:
        """Is this plugin enabled?"""
        return name in self._snapshot.names

    def title(self, name: str) -> str:
        """The first line of the plugin's docstring."""
        return (self.installed[name].__doc__ or name).strip().splitlines()[0]

    def schema(self, name: str) -> type[PluginSettings]:
        """The plugin's settings model, asked also while it is off."""
        hook = getattr(self.installed[name], "settings_schema", None)
        return cast(type[PluginSettings], hook()) if hook else PluginSettings

    def settings(self, name: str) -> Any:
        """The plugin's settings in force: defaults, then the database, then the environment."""
        return plugin_settings.load(name, self.schema(name), self.config.environ)

    def implementations(self, hook: str) -> list[tuple[str, Callable[..., Any]]]:
        """(plugin name, function) of a hook among the enabled, in the administrator's order."""
        found = ((name, getattr(self.installed[name], hook, None)) for name in self._snapshot.names)
        return [(name, function) for name, function in found if function is not None]

    def first(self, hook: str, failed: Failed = _unheard, **arguments: object) -> tuple[str, Any] | None:
        """(plugin, answer) of the first that answers. A temporary GatewayError passes to the next; the last one rises.

        A permanent one rises at once, and an unknown one too: it may have been done.

        `failed` hears of every plugin that failed, also when a later one answers.
        """
        failure: GatewayError | None = None
        for name, function in self.implementations(hook):
            try:
                answer = function(**arguments)
            except GatewayError as error:
                log.warning("plugin_failed", plugin=name, hook=hook, permanent=error.permanent)
                failed(name, error)
                failure = error
                if error.permanent or error.unknown:
                    raise
                continue
            if answer is not None:
                return name, answer
        if failure:
            raise failure
        return None

    def ask(self, name: str, hook: str, **arguments: object) -> Any:
        """Ask one installed plugin, on or off: open rooms stay with the provider that opened them."""
        function = getattr(self.installed.get(name), hook, None)
        return function(**arguments) if function else None

    def collect(self, hook: str, **arguments: object) -> list[Any]:
        """Answers of all enabled plugins; one that fails is logged under its name and left out."""
        answers = []
        for name, function in self.implementations(hook):
            try:
                answers.append(function(**arguments))
            except Exception:
                log.exception("plugin_failed", plugin=name, hook=hook)
        return answers

    def event_listeners(self, event: events.Event) -> dict[str, events.Listener]:
        """Every enabled plugin that wants events, as a listener of its own."""
        fact = contracts.Event(event.uid, event.name, event.subject, event.at, dict(event.data))
        return {f"plugin.{name}": _listener(function, fact) for name, function in self.implementations("on_event")}


def _listener(function: Callable[..., None], fact: contracts.Event) -> events.Listener:
    return lambda event, now: function(event=fact)


def _manager(modules: Any) -> pluggy.PluginManager:
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    for name, module in modules:
        manager.register(module, name)
    return manager


def discover() -> dict[str, ModuleType]:
    """Every installed plugin by its entry point. Raises PluginError naming one that cannot be imported."""
    modules: dict[str, ModuleType] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            modules[entry.name] = entry.load()
        except Exception as error:
            raise PluginError(f"The plugin {entry.name} cannot be loaded: {error}") from error
    return modules


def current_revision() -> int:
    """The revision row: one indexed read."""
    return int(PluginRevision.select(PluginRevision.number).where(PluginRevision.id == 1).scalar() or 0)


def enabled_names() -> list[str]:
    """Enabled plugins in the administrator's order."""
    rows = PluginState.select().where(PluginState.enabled).order_by(PluginState.position, PluginState.name)
    return [row.name for row in rows]


def init_plugins(app: Flask, config: Config) -> None:
    """Discover, mount every blueprint (the gate closes those that are off), keep each process in step."""
    registry = Registry(config, discover())
    app.extensions["portal.plugins"] = registry
    for name in registry.installed:
        blueprint = registry.ask(name, "blueprint")
        if blueprint is not None:
            app.register_blueprint(blueprint, url_prefix=f"/x/{name}", name=name)
    events.connect_plugins(registry.event_listeners)


def registry() -> Registry:
    """The registry of the running application."""
    return cast(Registry, current_app.extensions["portal.plugins"])


def migration_folders(modules: dict[str, ModuleType]) -> dict[str, Path]:
    """The folder of migrations of every plugin that has one."""
    folders = {name: Path(str(module.__file__)).parent / "migrations" for name, module in modules.items()}
    return {name: folder for name, folder in folders.items() if folder.is_dir()}
