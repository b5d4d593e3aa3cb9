"""Cache what every application in a test process compiles alike: three quarters of a test's setup."""

from collections.abc import Callable, Iterable
from functools import cache

from flask import Flask
from werkzeug.routing import Rule
from werkzeug.routing.converters import BaseConverter
from werkzeug.routing.rules import RulePart

from portal.plugin_host import discovery
from portal.testing.deployment import CompiledTemplates

_compile_builder, _parse_rule = Rule._compile_builder, Rule._parse_rule
_builders: dict[tuple[str, ...], Callable[..., tuple[str, str]]] = {}
_parts: dict[str, tuple[list[RulePart], list[tuple[bool, str]], dict[str, BaseConverter]]] = {}


def share() -> None:
    """Cache templates, parsed addresses, URL builders and the installed plugins for the life of the process."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": CompiledTemplates()}
    Rule._compile_builder = _cached_builder  # type: ignore[method-assign]
    Rule._parse_rule = _cached_parts  # type: ignore[method-assign]
    discovery.entry_points = cache(discovery.entry_points)  # type: ignore[assignment]


def _cached_builder(self: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    """Cache the function that werkzeug compiles for each rule; it depends on these alone."""
    key = (self.rule, str(self._trace), str(self.defaults), str(append_unknown))
    if key not in _builders:
        _builders[key] = _compile_builder(self, append_unknown)
    return _builders[key]


def _cached_parts(self: Rule, rule: str) -> Iterable[RulePart]:
    """Cache what werkzeug parses of an address, and what it notes of it in the rule."""
    if rule not in _parts:
        traced = len(self._trace)
        _parts[rule] = list(_parse_rule(self, rule)), self._trace[traced:], dict(self._converters)
        return _parts[rule][0]
    parts, trace, converters = _parts[rule]
    self._trace += trace
    self._converters |= converters
    self.arguments |= set(converters)
    return parts
