"""Generate docs/api.md from what `portal.api` exports: `python -m scripts.api_page`. tests/api compares."""

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from importlib import import_module
from pathlib import Path
from textwrap import dedent
from typing import Any, get_args

from portal.base.errors import PortalError

PAGE = Path(__file__).parent.parent / "docs" / "api.md"
MODULES = (
    *("clinic", "calls", "documents", "referrals", "messages"),
    *("plugin", "storage", "work", "web", "base", "clock", "json_text", "outbound", "signed"),
)
HEAD = """# What a plugin may ask and use

Made by `python -m scripts.api_page` from `portal.api`, module by module; do not edit it. How to write a plugin:
[plugins.md](plugins.md); what the portal asks of a plugin: [hooks.md](hooks.md).

Everywhere: `now` is an aware moment in UTC (`portal.api.clock.now`); `by` is who acts (`portal.api.web.actor()`, in
jobs `portal.api.work.SYSTEM`); uids are texts of 22 characters; names are in English and in Hindi (`name_hi`, empty
when there is none: `portal.api.web.in_language` chooses); errors are those of `portal.api.base`.
"""


def page() -> str:
    """Generate the page."""
    return "\n".join([HEAD, *(_section(name) for name in MODULES)])


def _section(name: str) -> str:
    module = import_module(f"portal.api.{name}")
    parts = [f"## `portal.api.{name}`", inspect.getdoc(module) or ""]
    return "\n\n".join([*parts, *(_entry(wanted, getattr(module, wanted)) for wanted in module.__all__)]) + "\n"


def _entry(name: str, value: Any) -> str:
    if inspect.isclass(value):
        return f"**`{name}{_made_with(value)}`** ({_kind(value)}): {_said(value)}{''.join(_members(value))}"
    if inspect.isroutine(value):
        return f"**`{name}{_signature(value)}`**  \n{_said(value)}"
    if choices := get_args(value):
        return f"**`{name}`**: one of {', '.join(f'`{choice}`' for choice in choices)}"
    return f"**`{name}`**" if " at 0x" in repr(value) else f"**`{name}`** = `{value!r}`"


def _kind(value: type) -> str:
    if issubclass(value, PortalError):
        return f"error, {value.status}"
    if issubclass(value, Exception):
        return "error"
    return "dataclass" if is_dataclass(value) else "class"


def _made_with(value: type) -> str:
    """How an error is raised."""
    if not issubclass(value, PortalError):
        return ""
    return re.sub(r"(\w+\.)+(?=[A-Z])", "", str(inspect.signature(value)).removesuffix(" -> None"))


def _members(value: type) -> Iterator[str]:
    """The fields of a dataclass as they are written, and the properties."""
    for node in _source(value).body:
        if isinstance(node, ast.AnnAssign) and is_dataclass(value):
            yield f"\n- `{ast.unparse(node.target)}: {ast.unparse(node.annotation)}`"
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and node.decorator_list:
            yield f"\n- `{node.name}`: {' '.join((ast.get_docstring(node) or '').split())}"


def _signature(function: Any) -> str:
    node = _source(inspect.unwrap(function))
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"({ast.unparse(node.args)}){returns}"


def _source(value: Any) -> Any:
    return ast.parse(dedent(inspect.getsource(value))).body[0]


def _said(value: Any) -> str:
    """The docstring, a paragraph a line."""
    paragraphs = (inspect.getdoc(value) or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
