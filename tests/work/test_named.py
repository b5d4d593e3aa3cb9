"""Every audit action is named by a test, so that a lost one is detected."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from portal.work.audit_chain import CHECKPOINT

ROOT = Path(__file__).parents[2]
# Composed names, by their source text.
MADE = {"'Call' + what.title()": {"CallJoined", "CallLeft"}, "CHECKPOINT": {CHECKPOINT}}
OF_EVENTS = ("portal/work/events.py", "name")  # notes each event under its own name
# The first only lists allowed events, the second is this file.
NO_TEST = {ROOT / "tests/queue/invariants.py", Path(__file__)}


def trees() -> Iterator[tuple[str, ast.AST]]:
    """Every source of the portal and its plugins."""
    for folder in ("portal", "plugins"):
        for path in (ROOT / folder).rglob("*.py"):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))


def events(tree: ast.AST) -> set[str]:
    """The events that a source declares."""
    classes = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    return {node.name for node in classes if any(keyword.arg == "about" for keyword in node.keywords)}


def notes(tree: ast.AST) -> list[str]:
    """The arguments of `note` in a source, as written."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args)
    return [ast.unparse(node.args[0]) for node in calls if ast.unparse(node.func) in ("audit.note", "note")]


def names_of(text: str) -> set[str]:
    """The actions that one argument of `note` stands for."""
    return MADE.get(text) or {ast.literal_eval(text)}


def every_action() -> set[str]:
    """Each event of the catalogues, and whatever is noted besides."""
    found: set[str] = set()
    for source, tree in trees():
        noted = (names_of(text) for text in notes(tree) if (source, text) != OF_EVENTS)
        found |= events(tree).union(*noted)
    return found


def test_every_audit_action_is_named_by_a_test():
    tests = set((ROOT / "tests").rglob("*.py")) - NO_TEST
    words = set(re.findall(r'"(\w+)"', " ".join(path.read_text("utf-8") for path in tests)))
    assert sorted(every_action() - words) == []


def test_audit_actions_are_one_word_and_all_found():
    actions = every_action()
    assert {"TokenIssued", "NumberShown", "CallLeft", "GuestRemoved", "HandoverBegun"} < actions
    assert all(re.fullmatch(r"[A-Z]\w+", action) for action in actions)
