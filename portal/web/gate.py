"""A plugin that is off does not exist: 404 for its whole path, whatever the method, before sign-in is asked."""

from flask import Flask, request
from werkzeug.exceptions import NotFound

from portal.plugins import Registry, registry


def init_gate(app: Flask) -> None:
    """Sync the registry and close the doors of plugins that are off, first thing in every request."""
    app.before_request(step_through)


def step_through() -> None:
    """Compare the path, not the endpoint: a wrong method, a missing slash and OPTIONS leak otherwise."""
    plugins = registry()
    plugins.sync()
    if is_closed(plugins, request.path):
        raise NotFound


def is_closed(plugins: Registry, path: str) -> bool:
    """Does this path belong to a plugin that is off or not there?"""
    if not path.startswith("/x/"):
        return False
    return not plugins.is_on(path[3:].partition("/")[0])
