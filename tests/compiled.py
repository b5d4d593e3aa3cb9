"""Cache what every application in a test process compiles alike: three quarters of a test's setup."""

from collections.abc import Callable

from flask import Flask
from werkzeug.routing import Rule

from portal.testing.deployment import CompiledTemplates

_compile_builder = Rule._compile_builder
_builders: dict[tuple[str, ...], Callable[..., tuple[str, str]]] = {}


def share() -> None:
    """Cache templates and URL builders for the life of the process."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": CompiledTemplates()}
    Rule._compile_builder = _cached_builder  # type: ignore[method-assign]


def _cached_builder(self: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    """Cache the function that werkzeug compiles for each rule; it depends on these alone."""
    key = (self.rule, str(self._trace), str(self.defaults), str(append_unknown))
    if key not in _builders:
        _builders[key] = _compile_builder(self, append_unknown)
    return _builders[key]
