"""Versions of the formulary: each list can be read again, and the one in force is read once."""

from datetime import datetime

import pytest

from portal.core.formulary import versions
from portal.core.formulary.models import Drug
from tests.consulting import make_drug
from tests.statements import statements as statements

FIRST = [("Paracetamol", "tablet", "O"), ("Amlodipine", "tablet", "A"), ("Timolol", "eye drops", "A")]
SECOND = [("Paracetamol", "tablet", "A"), ("Amlodipine", "tablet", "B"), ("Zinc sulphate", "syrup", "")]


@pytest.fixture
def take(db: None, now: datetime):
    """take(medicines): make the medicines the next version."""

    def take(medicines: list[tuple[str, str, str]]) -> None:
        empty = dict.fromkeys(versions.COLUMNS, "") | {"chronic": False}
        rows = [empty | {"name": name, "form": form, "tele_class": listed} for name, form, listed in medicines]
        versions.take_over(rows, keep_others=False, by="anita", file="list.csv", now=now)

    return take


def test_an_older_version_can_still_be_read(take) -> None:
    take(FIRST)
    take(SECOND)
    assert next((row.name, row.tele_class) for row in versions.drugs_of(1)) == ("Amlodipine", "A")
    assert [(row.name, row.tele_class) for row in versions.drugs_of(2)] == [
        ("Amlodipine", "B"),
        ("Paracetamol", "A"),
        ("Zinc sulphate", ""),
    ]


def test_a_version_is_read_once_and_afterwards_checked_with_two_queries(take, statements: list[str]) -> None:
    take(FIRST)
    Drug.update(class_source="TPG 2020 3.7.4 List A").execute()
    assert versions.in_force().tele_class("Amlodipine", "tablet") == "A"
    statements.clear()
    assert versions.in_force().number == 1
    assert len(statements) == 2  # of the list, and of the tables of law and safety
    make_drug("Amlodipine", tele_class="B")
    assert versions.in_force().tele_class("Amlodipine", "tablet") == "B"


@pytest.mark.parametrize(("tele_class", "stands"), [("O", ""), ("A", ""), ("B", ""), ("PROHIBITED", "PROHIBITED")])
def test_a_class_stands_only_with_the_place_that_names_the_medicine(db: None, tele_class: str, stands: str) -> None:
    make_drug("Amlodipine", tele_class=tele_class, class_source="")
    assert versions.in_force().tele_class("Amlodipine", "tablet") == stands
    make_drug("Amlodipine", tele_class=tele_class, class_source="TPG 2020 3.7.4")
    assert versions.in_force().tele_class("Amlodipine", "tablet") == tele_class


def test_rows_in_force_are_those_without_an_end(take) -> None:
    take(FIRST)
    take(SECOND)
    assert {(row.name, row.since, row.until) for row in Drug.select()} == {
        ("Paracetamol", 1, 2),
        ("Paracetamol", 2, None),
        ("Amlodipine", 1, 2),
        ("Amlodipine", 2, None),
        ("Timolol", 1, 2),
        ("Zinc sulphate", 2, None),
    }
