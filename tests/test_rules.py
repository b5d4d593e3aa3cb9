"""Every rule number named in the tree is in docs/rules."""

import re
import subprocess
from pathlib import Path

import pytest

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
