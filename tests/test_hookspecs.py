"""docs/hooks.md says of every hook what portal/hookspecs.py says, and the administrator reads a sentence for each."""

import ast
import re
from pathlib import Path

import pytest

from portal import hookspecs
from portal.core.admin.plugin_page import hook_words, hooks
from portal.plugin_host.registry import DEEDS

PAGE = (Path(__file__).parent.parent / "docs/hooks.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## `(\w+)(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
LINES = ("**When:**", "**May raise:**")


def signatures() -> dict[str, str]:
    """Return the hooks in source order."""
    tree = ast.parse(Path(str(hookspecs.__file__)).read_text("utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {node.name: f"({ast.unparse(node.args)}) -> {ast.unparse(node.returns)}" for node in functions}


def test_every_hook_has_a_heading_in_the_same_order_and_there_is_no_other():
    assert list(SECTIONS) == hooks()


@pytest.mark.parametrize("name", hooks())
def test_a_heading_is_the_exact_signature(name):
    assert SECTIONS[name].splitlines()[0] == f"{signatures()[name]}`"


@pytest.mark.parametrize("name", hooks())
def test_a_section_has_the_sentence_the_answer_the_time_and_the_errors(name):
    said = " ".join(SECTIONS[name].split())
    sentence = " ".join(str(getattr(hookspecs, name).__doc__).split())
    kind, answer = re.search(r"\*\*Kind and answer:\*\* (\w+), (\w+)", said).groups()
    assert sentence in said
    assert all(line in said for line in LINES)
    assert kind == "fact" or not sentence.startswith("A fact")
    assert answer in ({"first", "own"} if name in DEEDS else {"all", "own"})


def test_every_hook_has_a_permission_in_words():
    assert set(hook_words()) == set(hooks())
