"""What thousands of applications in one process compile alike, compiled once: three quarters of a test's setup."""

from collections.abc import Callable

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

_compile_builder = Rule._compile_builder
_builders: dict[tuple[str, ...], Callable[..., tuple[str, str]]] = {}


def share() -> None:
    """Keep templates and the builders of addresses for the life of the process."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Templates()}
    Rule._compile_builder = _kept_builder  # type: ignore[method-assign]


def _kept_builder(self: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    """werkzeug writes and compiles a function for each rule of each application; it depends on these alone."""
    key = (self.rule, str(self._trace), str(self.defaults), str(append_unknown))
    if key not in _builders:
        _builders[key] = _compile_builder(self, append_unknown)
    return _builders[key]


class Templates(BytecodeCache):
    """Compiled templates by name and checksum of their source, for the life of the process."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()
