"""Until when medicines can be collected: two weeks, or half a year for a long-standing illness."""

from datetime import date, timedelta

import pytest

from portal.core.prescribing import validity
from portal.core.prescribing.notes import Item
from portal.core.prescribing.validity import Term
from portal.settings import clinic
from tests.consulting import make_drug

DAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def medicines(db: None) -> None:
    make_drug("Paracetamol")
    make_drug("Cetirizine")
    make_drug("Amlodipine", chronic=True, tele_class="A")


def until(days: int) -> date:
    return DAY + timedelta(days=days)


@pytest.mark.parametrize(
    ("drug", "form", "days", "expected"),
    [
        ("Paracetamol", "tablet", 5, Term(False, until(15))),
        ("Paracetamol", "tablet", None, Term(False, until(15))),
        ("Amlodipine", "tablet", 90, Term(True, until(180))),
        ("AMLODIPINE 5 mg", "tablet", 10, Term(True, until(180))),
        ("Amlodipine", "drops", 10, Term(True, until(180))),  # a form that the list lacks: any row of it counts
        ("Nobody knows it", "tablet", 30, Term(False, until(15))),
        ("Paracetamol", "tablet", 60, Term(False, until(45))),  # its second part is due after thirty days
        ("Paracetamol", "tablet", 366, Term(False, until(351))),
    ],
)
def test_the_formulary_says_which_medicine_is_for_a_long_standing_illness(drug, form, days, expected) -> None:
    assert validity.terms_of([Item(0, drug, form, duration_days=days)], DAY) == [expected]


def test_the_days_are_settings() -> None:
    clinic.put("prescription_acute_days", "3")
    clinic.put("prescription_valid_days", "100")
    items = [Item(0, "Paracetamol", "tablet"), Item(1, "Amlodipine", "tablet")]
    assert [term.until for term in validity.terms_of(items, DAY)] == [until(3), until(100)]


def test_advice_alone_is_valid_as_long_as_the_longest_kind() -> None:
    assert validity.last_day([], DAY) == until(180)
