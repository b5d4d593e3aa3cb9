"""A plugin that is off does not exist: 404 for its whole path, whatever the method, before sign-in is asked."""

from flask import Flask, request
from werkzeug.exceptions import NotFound

from portal.plugin_host.capabilities import in_use
from portal.plugin_host.failures import write_counts_when_due
from portal.plugin_host.registry import Registry, registry


def init_gate(app: Flask) -> None:
    """Sync the registry and close the doors of plugins that are off, first thing in every request."""
    app.before_request(step_through)
    app.teardown_request(leave)


def step_through() -> None:
    """Compare the path, not the endpoint: a wrong method, a missing slash and OPTIONS leak otherwise."""
    plugins = registry()
    plugins.sync()
    if is_closed(plugins, request.path):
        raise NotFound


def leave(error: BaseException | None) -> None:
    """Write down, now and then, how the plugins' hooks fared."""
    write_counts_when_due(registry())


def is_closed(plugins: Registry, path: str) -> bool:
    """Does this path belong to a plugin that is off or not there? What is in use stays open to its end."""
    if not path.startswith("/x/"):
        return False
    name = path[3:].partition("/")[0]
    return not plugins.is_on(name) and not (name in plugins.installed and in_use(name))
