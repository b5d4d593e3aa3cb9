"""Corpora of what must be found and what must not: half of each was written by somebody who had not seen the table.

A failure lists every wrong line. `field`: where the text was typed; `half`: "blind" or "table".
"""

import csv
from pathlib import Path

from portal.core.formulary import classes
from portal.core.formulary.barred import find, left_open, version
from portal.core.rules.tables import DATA

HERE = Path(__file__).parent
FLAGGED_AT_MOST = 0.01


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


BARRED = rows(HERE / "barred.csv")
HARMLESS = {row["text"] for row in rows(HERE / "harmless.csv")}
BLIND = sum(row["half"] == "blind" for row in BARRED)


def test_every_spelling_of_a_barred_medicine_is_found() -> None:
    assert [row for row in BARRED if not find(row["text"])] == []


def test_the_corpora_are_large_and_their_halves_balanced() -> None:
    assert min(BLIND, len(BARRED) - BLIND) >= 400
    assert len(HARMLESS) >= 320  # the blind half; the other is harmless.txt
    assert {"drug", "form", "strength", "instructions", "advice", "investigations"} <= {row["field"] for row in BARRED}


def test_at_most_one_harmless_text_in_a_hundred_is_questioned() -> None:
    questioned = [text for text in HARMLESS if find(text)]
    assert len(questioned) <= FLAGGED_AT_MOST * len(HARMLESS), questioned


def test_every_barred_substance_stands_in_the_corpus() -> None:
    written = {row["substance"].casefold() for row in BARRED}
    assert [each.name for each in classes.always_prohibited() if each.name.casefold() not in written] == []


def test_every_row_says_in_which_law_it_stands_and_where_that_was_read() -> None:
    for row in rows(DATA / "barred.csv"):
        assert row["law"] in {"Schedule X", "NDPS psychotropic", "NDPS narcotic"}, row
        assert row["entry"], row
        assert row["source"], row


def test_a_brand_belongs_to_a_barred_substance() -> None:
    known = {each.name for each in classes.always_prohibited()} | {""}
    assert [row["name"] for row in rows(DATA / "barred_names.csv") if row["medicine"] not in known] == []


def is_opened(row: dict[str, str]) -> bool:
    """Whether a text that names it was read."""
    return not row["source"].startswith("not opened")


def test_the_clinical_page_counts_the_table_and_lists_what_is_left_to_sign_off() -> None:
    page = " ".join((HERE.parents[2] / "docs" / "clinical.md").read_text("utf-8").split())
    brands = [row for row in rows(DATA / "barred_names.csv") if row["medicine"]]
    groups = {"brands and spellings": brands}
    for row in rows(DATA / "barred.csv"):
        groups.setdefault(row["law"], []).append(row)
    wanted = [f"| {name} | {len(group)} | {sum(map(is_opened, group))} |" for name, group in groups.items()]
    signed: dict[str, list[str]] = {}
    for row in (*rows(DATA / "barred.csv"), *brands):
        signed.setdefault(row["sign_off"], []).append(row["name"])
    wanted += [f"- {reason}: {', '.join(names)}." for reason, names in signed.items() if reason]
    assert [line for line in wanted if line not in page] == []


def test_the_version_is_that_of_the_tables_and_open_questions_are_known() -> None:
    assert len(version()) == 12
    assert {"Codeine", "Diphenoxylate"} <= left_open()
    assert "Tramadol" not in left_open()
