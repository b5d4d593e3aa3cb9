"""The page on ASVS 5.0: every requirement of levels 1 and 2 once, and what its lines name exists and is proved."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LINE = re.compile(r"^\| (V\d+\.\d+\.\d+) \| ([a-z ]+) \| (.+) \| (.*) \| (.*) \|$", re.MULTILINE)
LINES = LINE.findall((ROOT / "docs/rules/asvs.md").read_text("utf-8"))
PROOF = re.compile(r"[SFQ]\d{1,2}|`[\w./-]+`")
REGISTER = dict(
    re.findall(r"^\| ([SFQ]\d{1,2}) \| ([a-z ]+) \|", (ROOT / "docs/rules/register.md").read_text("utf-8"), re.M)
)
# How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has; of some sections level 3 alone is left.
SECTIONS = {
    1: (2, 9, 11, 3, 2),
    2: (3, 3, 4, 1),
    3: (0, 2, 4, 6, 5, 0, 2),
    4: (3, 1, 2, 4),
    5: (1, 3, 2, 3),
    6: (3, 12, 4, 4, 5, 3, 0, 4),
    7: (3, 4, 2, 5, 2, 2),
    8: (2, 3, 1, 1),
    9: (3, 4),
    10: (2, 2, 4, 11, 5, 2, 3),
    11: (2, 3, 3, 4, 1, 1),
    12: (3, 2, 4),
    13: (1, 5, 2, 5),
    14: (2, 4, 3),
    15: (3, 3, 7),
    16: (1, 5, 4, 3, 3),
    17: (1, 4, 2),
}
# A line that is closed lowers a figure here; none is ever raised.
OPEN = {"in part": 7, "not": 1}


def test_every_requirement_has_one_line() -> None:
    counted = Counter(number.rpartition(".")[0] for number, *_ in LINES)
    due = {
        f"V{chapter}.{place}": many for chapter, all_ in SECTIONS.items() for place, many in enumerate(all_, 1) if many
    }
    assert dict(counted) == due
    assert len({number for number, *_ in LINES}) == len(LINES) == 253


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0])
def test_a_line_names_what_shows_it_or_says_why(line: tuple[str, ...]) -> None:
    _number, state, _which, shown, why = line
    named = [each.strip() for each in shown.split(",") if each.strip()]
    assert all(PROOF.fullmatch(each) for each in named)
    assert bool(named) == (state in {"met", "in part", "by deployment"})
    assert bool(why) == (state in {"not", "does not apply"})
    files = [each.strip("`") for each in named if each.startswith("`")]
    assert [file for file in files if not (ROOT / file).exists()] == []
    numbers = [each for each in named if not each.startswith("`")]
    assert [number for number in numbers if REGISTER[number] not in {"proved", "in part"}] == []


def test_the_lines_that_are_open_grow_fewer() -> None:
    counted = Counter(state for _number, state, *_ in LINES)
    assert set(counted) <= {"met", "by deployment", "does not apply", *OPEN}
    assert {state: counted[state] for state in OPEN} == OPEN
