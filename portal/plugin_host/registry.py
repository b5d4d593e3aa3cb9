"""The plugin registry: installed and active plugins, and how hooks are called.

A change of the revision row makes each process build a new immutable snapshot and swap it: modifying one in place, a
request could see half a change, and processes could differ in order.
"""

import inspect
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from types import ModuleType
from typing import Any, cast

import structlog
from flask import Flask, current_app

from portal import contracts, hookspecs
from portal.base import clock, language
from portal.base.language import gettext as _
from portal.config import Config
from portal.contracts import GatewayError, PluginSettings
from portal.plugin_host import discovery, plugin_settings
from portal.plugin_host.calling.limits import LIMITS, Limiter
from portal.plugin_host.calling.tallies import Tallies
from portal.plugin_host.discovery import PluginError, discover, folder_of
from portal.plugin_host.models import PluginState, current_revision
from portal.work import events

log = structlog.get_logger(__name__)
Hook = Callable[..., Any]
Failed = Callable[[str, GatewayError], None]
# Hooks with one answer.
DEEDS = frozenset(name for name, hook in vars(hookspecs).items() if getattr(hook, "portal_spec", {}).get("firstresult"))
# These may call other servers; all others block a page.
MAY_CALL_SERVERS = DEEDS | {"on_event", "self_test", "export_visit", "record_in", *LIMITS}
SLOW_SECONDS = 5.0


def _ignore(name: str, error: GatewayError) -> None:
    return


@dataclass(frozen=True)
class Snapshot:
    """Immutable view of the enabled plugins at one revision, in order; `loaded` caches validated settings."""

    revision: int
    names: tuple[str, ...] = ()
    stored: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    loaded: dict[str, Any] = field(default_factory=dict)


class Registry:
    """All installed plugins and the snapshot of enabled ones.

    pluggy only checks names and signatures of hooks at start. The registry calls them itself: in the administrator's
    order (which a plugin's `tryfirst` would override), isolating failures, and counting every call.
    """

    def __init__(self, config: Config, modules: dict[str, ModuleType]) -> None:
        self.config = config
        self.installed = modules
        self.tallies, self._limiter = Tallies(), Limiter()
        discovery.check(modules)
        self._latest, self._pinned = Snapshot(-1), threading.local()

    def sync(self) -> None:
        """Pin the current snapshot for this request or job (per thread), rebuilding it when the revision changed."""
        revision = current_revision()
        if revision != self._latest.revision:
            self._latest = self._build(revision)
        self._pinned.snapshot = self._latest

    def _build(self, revision: int) -> Snapshot:
        """Build a snapshot. The revision was read first, so rows changed since are read again at the next sync."""
        rows = list(PluginState.select().order_by(PluginState.position, PluginState.name))
        stored = {row.name: row.settings for row in rows}
        on = (row.name for row in rows if row.enabled and row.name in self.installed)
        return Snapshot(revision, tuple(name for name in on if self._is_valid(name, stored[name])), stored)

    def _is_valid(self, name: str, stored: Mapping[str, Any]) -> bool:
        """Are its settings valid? If not, it is held off: the environment may have changed since it was switched on."""
        if discovery.misfit_of(self.installed[name]):
            log.error("plugin_held_off", plugin=name, fields=["api_version"])
            return False
        schema = self.schema(name)
        try:
            values = plugin_settings.in_force(name, schema, stored, self.config.environ)
            problems = plugin_settings.problems_of(schema, values)
        except OSError as error:  # the file of an override is missing
            problems = {"": str(error.strerror)}
        if problems:
            log.error("plugin_held_off", plugin=name, fields=sorted(problems))
        return not problems

    @property
    def _snapshot(self) -> Snapshot:
        return getattr(self._pinned, "snapshot", self._latest)

    @property
    def enabled(self) -> tuple[str, ...]:
        """Names of the enabled plugins, in order."""
        return self._snapshot.names

    def is_on(self, name: str) -> bool:
        """Is this plugin enabled?"""
        return name in self._snapshot.names

    def title(self, name: str) -> str:
        """Return the first line of the plugin's docstring, translated."""
        return _((self.installed[name].__doc__ or name).strip().splitlines()[0])

    def schema(self, name: str) -> type[PluginSettings]:
        """Return the plugin's settings model, also while it is off."""
        hook = getattr(self.installed[name], "settings_schema", None)
        return cast(type[PluginSettings], hook()) if hook else PluginSettings

    def settings(self, name: str) -> Any:
        """Return the plugin's validated settings: defaults, then the database, then the environment."""
        snapshot = self._snapshot
        if name not in snapshot.loaded:
            schema = self.schema(name)
            values = plugin_settings.in_force(name, schema, snapshot.stored.get(name, {}), self.config.environ)
            snapshot.loaded[name] = schema.model_validate(values)
        return snapshot.loaded[name]

    def implementations(self, hook: str) -> list[tuple[str, Hook]]:
        """List (plugin name, function) of a hook in the enabled plugins, in the administrator's order."""
        found = ((name, getattr(self.installed[name], hook, None)) for name in self._snapshot.names)
        return [(name, function) for name, function in found if function is not None]

    def first(self, hook: str, failed: Failed = _ignore, **arguments: object) -> tuple[str, Any] | None:
        """Call plugins in order until one answers; returns (plugin, answer) or None. A temporary error fails over.

        Raises the last GatewayError when all fail, and at once a permanent or unknown one (it may have taken effect).
        `failed` is called for every plugin that failed, also when a later one answers.
        """
        failure: GatewayError | None = None
        for name, function in self.implementations(hook):
            try:
                answer = self._call(name, hook, function, arguments)
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
        """Call one installed plugin, on or off: open rooms stay with the provider that opened them."""
        function = getattr(self.installed.get(name), hook, None)
        return self._call(name, hook, function, arguments) if function else None

    def collect(self, hook: str, **arguments: object) -> list[Any]:
        """Call all enabled plugins and list their answers; a failure is logged with its plugin and left out."""
        return [answer for _name, answer in self.collect_named(hook, **arguments)]

    def collect_named(self, hook: str, **arguments: object) -> list[tuple[str, Any]]:
        """Like `collect`, each answer with the name of its plugin."""
        answers = []
        for name, function in self.implementations(hook):
            try:
                answers.append((name, self._call(name, hook, function, arguments)))
            except Exception:
                log.exception("plugin_failed", plugin=name, hook=hook)
        return answers

    def event_listeners(self, event: events.Event) -> dict[str, events.Listener]:
        """Return a listener for every enabled plugin that subscribes to this event."""
        fact = contracts.Event(event.uid, event.name, event.subject, event.at, dict(event.data))
        return {
            f"plugin.{name}": self._listener(name, call, fact)
            for name, call in self.implementations("on_event")
            if event.name in (self.event_names(name) or (event.name,))
        }

    def event_names(self, name: str) -> tuple[str, ...]:
        """List the events an installed plugin subscribes to; empty: all."""
        hook = getattr(self.installed[name], "event_names", None)
        return tuple(hook()) if hook else ()

    def _listener(self, name: str, function: Hook, fact: contracts.Event) -> events.Listener:
        def hear(event: events.Event, now: datetime) -> None:
            self._call(name, "on_event", function, {"event": fact})

        return hear

    def _call(self, name: str, hook: str, function: Hook, arguments: Mapping[str, object]) -> Any:
        """Call a hook and count it. A slow answer of a hook that blocks pages counts as a failure, but is used."""
        started = clock.monotonic()
        try:
            if hook in LIMITS:
                answer = self._limiter.call(name, LIMITS[hook], lambda: function(**_accepted(function, arguments)))
            else:
                answer = function(**_accepted(function, arguments))
        except Exception as error:
            self.tallies.failed(name, hook, clock.monotonic() - started, self._describe(name, error), clock.now())
            raise
        seconds = clock.monotonic() - started
        if seconds > SLOW_SECONDS and hook not in MAY_CALL_SERVERS:
            self.tallies.failed(name, hook, seconds, f"It took {seconds:.0f} seconds.", clock.now())
        else:
            self.tallies.succeeded(name, hook, seconds)
        return answer

    def _describe(self, name: str, error: Exception) -> str:
        """Describe an error for the administrator: a GatewayError's own text, masked; else only its class (S60)."""
        if not isinstance(error, GatewayError):
            return type(error).__name__
        secrets = plugin_settings.secrets_in(self._snapshot.loaded.get(name))
        return plugin_settings.masked(str(error), secrets)[:200]


def _accepted(function: Hook, arguments: Mapping[str, object]) -> Mapping[str, object]:
    """Select the arguments a plugin's function takes, so that hooks can gain arguments without breaking plugins."""
    names = _parameters(function)
    return arguments if names is None else {name: value for name, value in arguments.items() if name in names}


@lru_cache(maxsize=512)
def _parameters(function: Hook) -> frozenset[str] | None:
    parameters = inspect.signature(function).parameters.values()
    takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
    return None if takes_all else frozenset(parameter.name for parameter in parameters)


def enabled_names() -> list[str]:
    """List the enabled plugins in the administrator's order."""
    rows = PluginState.select().where(PluginState.enabled).order_by(PluginState.position, PluginState.name)
    return [row.name for row in rows]


def init_plugins(app: Flask, config: Config, more: Mapping[str, ModuleType]) -> None:
    """Discover plugins, mount their blueprints (the gate hides those that are off), connect their event listeners."""
    registry = Registry(config, discover() | dict(more))
    app.extensions["portal.plugins"] = registry
    for name in registry.installed:
        blueprint = getattr(registry.installed[name], "blueprint", None)
        if blueprint is not None and not discovery.misfit_of(registry.installed[name]):
            _mount(app, name, blueprint)
        language.add_folder(folder_of(registry.installed[name]) / "translations")
    events.connect_plugins(registry.event_listeners)


def _mount(app: Flask, name: str, blueprint: Hook) -> None:
    try:
        app.register_blueprint(blueprint(), url_prefix=f"/x/{name}", name=name)
    except Exception as error:
        raise PluginError(f"The pages of the plugin {name} cannot be shown: {type(error).__name__}: {error}") from error


def registry() -> Registry:
    """Return the registry of the running application."""
    return cast(Registry, current_app.extensions["portal.plugins"])
