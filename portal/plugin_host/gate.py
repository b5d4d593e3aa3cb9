"""The gate: a plugin that is off answers 404 on its whole path, for every method, before permissions are checked."""

from flask import Flask, request
from werkzeug.exceptions import NotFound

from portal.plugin_host.capabilities import in_use
from portal.plugin_host.failures import write_counts_when_due
from portal.plugin_host.registry import Registry, registry


def init_gate(app: Flask) -> None:
    """Sync the registry and gate the plugins' paths, first thing in every request."""
    app.before_request(check_gate)
    app.teardown_request(flush_counts)


def check_gate() -> None:
    """Answer 404 by path, not by endpoint: a wrong method, a missing slash and OPTIONS would leak otherwise."""
    plugins = registry()
    plugins.sync()
    if is_closed(plugins, request.path):
        raise NotFound


def flush_counts(error: BaseException | None) -> None:
    """Flush the hook counts when due."""
    write_counts_when_due(registry())


def is_closed(plugins: Registry, path: str) -> bool:
    """Does this path belong to a plugin that is off or missing? One with resources in use stays reachable."""
    if not path.startswith("/x/"):
        return False
    name = path[3:].partition("/")[0]
    return not plugins.is_on(name) and not (name in plugins.installed and in_use(name))
