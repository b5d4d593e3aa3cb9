"""Every rule number named in the tree is in docs/rules, and the register says of each which test proves it."""

import ast
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.mutations.planted import PLANTED

ROOT = Path(__file__).parent.parent
SAFETY = (ROOT / "docs/rules/safety.md").read_text("utf-8")
DOMAIN = (ROOT / "docs/rules/domain.md").read_text("utf-8")
LINE = {
    "S": re.compile(r"^\| (S\d{2}) \|", re.MULTILINE),
    "F": re.compile(r"^\| (F\d{2}) \|", re.MULTILINE),
    "Q": re.compile(r"^- \*\*(Q\d{1,2})\*\*", re.MULTILINE),
}
LAST = {"S": 70, "F": 48, "Q": 36}
NAMED = re.compile(r"\b(?:S\d{2}|F\d{2}|Q\d{1,2})\b")
REGISTER = re.compile(r"^\| ([SFQ]\d{1,2}) \| ([a-z ]+) \| (.*) \| (.*) \|$", re.MULTILINE)
LINES = REGISTER.findall((ROOT / "docs/rules/register.md").read_text("utf-8"))
PROOF = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
# How many lines of the register are open. A line that is closed lowers a figure here; none is ever raised.
OPEN = {"in part": 2, "not proved": 0}
SECTION = re.compile(r"domain\.md(?:,)? (?:section )?(\d(?:\.\d{1,2})?)")


def sources() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "portal", "plugins", "tests", "templates", "docs", "bench"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if name.endswith((".py", ".md", ".html", ".toml"))]


def numbers(kind: str) -> list[str]:
    return LINE[kind].findall(SAFETY)


@pytest.mark.parametrize("kind", LINE)
def test_each_number_has_one_line(kind):
    width = 1 if kind == "Q" else 2
    assert sorted(numbers(kind)) == sorted(f"{kind}{number:0{width}}" for number in range(1, LAST[kind] + 1))


def test_every_number_named_in_the_tree_has_its_line():
    known = {number for kind in LINE for number in numbers(kind)}
    named = {(path.name, number) for path in sources() for number in NAMED.findall(path.read_text("utf-8"))}
    assert not {(name, number) for name, number in named if number not in known}


def test_every_section_of_the_domain_named_in_the_tree_is_there():
    there = set(re.findall(r"^#{2,3} (\d(?:\.\d{1,2})?)\.? ", DOMAIN, re.MULTILINE))
    named = {(path.name, section) for path in sources() for section in SECTION.findall(path.read_text("utf-8"))}
    assert not {(name, section) for name, section in named if section not in there}


def collected_from(path: str) -> set[str]:
    """The tests that pytest collects from a file."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_each_number_has_one_line_of_the_register():
    assert sorted(number for number, *_ in LINES) == sorted(number for kind in LINE for number in numbers(kind))


def test_every_test_that_the_register_names_exists():
    named = {found for _number, _state, proofs, _rest in LINES for found in PROOF.findall(proofs)}
    there = {path: collected_from(path) for path, _name in named if (ROOT / path).is_file()}
    assert sorted((path, name) for path, name in named if name not in there.get(path, ())) == []


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0])
def test_a_line_of_the_register_names_its_tests_or_says_why_there_is_none(line):
    _number, state, proofs, rest = line
    cells = [part for part in proofs.split("<br>") if part]
    assert all(PROOF.fullmatch(part) for part in cells), "each proof is `tests/path.py::test_name`"
    needs_tests, needs_words = {
        "proved": (True, False),
        "in part": (True, True),
        "not proved": (False, True),
        "does not apply": (False, True),
        "deployment": (False, True),
    }[state]
    assert bool(cells) == needs_tests or state == "deployment"
    assert rest or not needs_words


def test_the_lines_of_the_register_that_are_open_grow_fewer():
    counted = Counter(state for _number, state, *_ in LINES)
    assert {state: counted[state] for state in OPEN} == OPEN


@pytest.mark.parametrize("fault", PLANTED, ids=lambda fault: f"{fault.number} {fault.file}")
def test_a_planted_fault_can_be_planted_and_its_test_is_a_proof_of_its_rule(fault):
    assert (ROOT / fault.file).read_text("utf-8").count(fault.old) == 1, "the line has changed: say the fault anew"
    proofs = {number: proofs for number, _state, proofs, _rest in LINES}
    assert f"`{fault.test}`" in proofs[fault.number]
