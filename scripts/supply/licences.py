"""May every part of an installation be given on with the portal? A part under the GPL inside a wheel counts.

python -m scripts.supply.licences
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from license_expression import AND, OR, ExpressionError, get_spdx_licensing

from scripts.supply.parts import Inside, Library, libraries

RULES = Path(__file__).with_name("licences.toml")
COPYLEFT = re.compile(r"^\W*GNU (?:AFFERO )?GENERAL PUBLIC LICENSE\s*$", re.MULTILINE)


@cache
def rules() -> dict[str, Any]:
    """Read which licences are allowed, and what stands in no metadata."""
    return tomllib.loads(RULES.read_text("utf-8"))


def is_allowed(expression: str) -> bool:
    """Of an OR one side is enough, of an AND all count; what is no SPDX expression is not allowed."""
    try:
        parsed = _spdx().parse(expression, validate=True)
    except ExpressionError:
        return False
    return parsed is not None and _allowed(parsed)


@cache
def _spdx() -> Any:
    return get_spdx_licensing()


def _allowed(node: Any) -> bool:
    if isinstance(node, OR):
        return any(_allowed(each) for each in node.args)
    if isinstance(node, AND):
        return all(_allowed(each) for each in node.args)
    return str(node) in {*rules()["allowed"].split(), *rules()["allowed_with"]}


def licence_of(library: Library) -> str:
    """Return the SPDX expression of a library, as read by us or as its metadata say."""
    said = library.licence
    return str(rules()["libraries"].get(library.name) or rules()["words"].get(said) or said)


def licence_inside(inside: Inside) -> str:
    """Return the SPDX expression of a part that the wheel's list names. Cargo wrote "/" for OR."""
    return str(rules()["inside"].get(inside.name) or inside.licence.replace("/", " OR "))


def problems(found: Iterable[Library]) -> Iterator[str]:
    """Say what may not be given on, or is not known, one sentence each."""
    for library in found:
        if not is_allowed(licence_of(library)):
            yield f"{library.name} {library.version} is under {licence_of(library) or 'an unknown licence'}."
        yield from _shared(library)
        yield from _inside(library)
        if _brings_copyleft(library) and library.name not in rules()["texts"]:
            yield f"{library.name} {library.version} brings the text of the GPL: which of its parts is under it?"


def _shared(library: Library) -> Iterator[str]:
    for name in library.shared:
        licence = rules()["shared"].get(name, "an unknown licence")
        if not is_allowed(licence):
            yield f"{library.name} {library.version} has {name} in its wheel, under {licence}."


def _inside(library: Library) -> Iterator[str]:
    for inside in library.told:
        licence = licence_inside(inside)
        if not is_allowed(licence) and inside.name not in rules()["named_only"]:
            yield f"{library.name} {library.version} holds {inside.name}, under {licence or 'an unknown licence'}."


def _brings_copyleft(library: Library) -> bool:
    return any(COPYLEFT.search(text) for text in library.texts.values())


def signs_in(name: str, code: bytes) -> Iterator[str]:
    """Say which library under the GPL is built into a binary."""
    for sign, what in rules()["signs"].items():
        if sign.encode() in code:
            yield f"{name} has {what}, built into it."


def built_in(found: Iterable[Library]) -> Iterator[str]:
    """Search the binaries of the libraries for code under the GPL."""
    for library in found:
        for binary in library.binaries:
            yield from signs_in(f"{library.name}: {binary.name}", binary.read_bytes())


def main() -> None:
    """Print what is wrong; exit 1 when something is."""
    found = list(libraries())
    wrong = [*problems(found), *built_in(found)]
    print("\n".join(wrong) or f"Licences: {len(found)} libraries and what is in their wheels may be given on.")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
