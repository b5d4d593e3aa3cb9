"""Quantities: counted when they can be, asked for when they cannot."""

import pytest

from portal.core.prescribing.dosing.course import Course, contradicts, course_of
from portal.core.prescribing.notes import Item

ROWS = [
    # form, strength, dose, frequency, days, instructions -> quantity
    ("tablet", "500 mg", "", "1-0-1", 30, "", 60),
    ("tablet", "500 mg", "", "½-0-½", 5, "", 5),
    ("tablet", "500 mg", "1", "q6h", 3, "", 12),
    ("tablet", "70 mg", "1", "weekly", 28, "", 4),
    ("tablet", "7.5 mg", "1", "twice a week", 28, "", 8),
    ("tablet", "7.5 mg", "1", "twice a week", 30, "", None),  # depends on the day of the week
    ("tablet", "5 mg", "1", "alternate days", 15, "", 8),
    ("tablet", "500 mg", "1", "SOS", 5, "", None),
    ("tablet", "150 mg", "1", "STAT", None, "", 1),
    ("tablet", "10 mg", "", "2-0-0 x 5 d then 1-0-0 x 5 d", None, "", 15),
    ("tablet", "10 mg", "", "taper", None, "2-0-0 x 5 days then 1-0-0 x 5 days", 15),
    ("tablet", "10 mg", "40 mg", "OD", 5, "", 20),  # four tablets each time
    ("tablet", "10 mg", "15 mg", "OD", 4, "", 6),
    ("tablet", "10 mg", "12 mg", "OD", 5, "", None),
    ("capsule", "10 mg", "15 mg", "OD", 5, "", None),  # no half capsule
    ("tablet", "10 mg", "40 mg", "OD", None, "", None),
    ("tablet", "10 mg", "2 tab", "1-0-1", 5, "", None),
    ("tablet", "10 mg", "1", "BD x 5 days", 7, "", None),  # five days, or seven?
    ("eye drops", "0.5 %", "1", "QID", 7, "each eye", None),  # the size of the bottle is not known
    ("eye drops", "0.5 %, 5 ml bottle", "1", "QID", 30, "each eye", 3),  # 240 drops, 12 ml
    ("eye drops", "0.5 %, 5 ml bottle", "1 drop", "QID", 30, "", None),  # one eye or both?
    ("oral drops", "100 mg/ml, 15 ml bottle", "10 drops", "TDS", 5, "", 1),
    ("inhaler", "100 mcg, 200 doses", "2 puffs", "QID", 30, "", 2),
    ("inhaler", "100 mcg", "2 puffs", "QID", 30, "", None),
    ("syrup", "125 mg/5 ml, 60 ml bottle", "5 ml", "TDS", 5, "", 2),
    ("syrup", "125 mg/5 ml", "5 ml", "TDS", 5, "", None),
    ("syrup", "125 mg/5 ml, 60 ml bottle", "5", "TDS", 5, "", None),
    ("injection", "100 IU/ml, 3 ml pen", "10-0-12 units", "", 30, "under the skin", 3),
    ("injection", "100 IU/ml", "10-0-12 units", "", 30, "under the skin", None),
    ("cream", "1 %", "", "1-0-1", 7, "thinly", None),
    ("sachet", "1 g", "1", "weekly", 56, "", 8),
]


@pytest.mark.parametrize(("form", "strength", "dose", "frequency", "days", "instructions", "quantity"), ROWS)
def test_a_quantity_is_counted_or_asked_for(
    form: str, strength: str, dose: str, frequency: str, days: int | None, instructions: str, quantity: int | None
) -> None:
    row = Item(0, "Something", form, strength, dose, frequency, days, instructions=instructions)
    assert course_of(row).quantity == quantity


def test_a_medicine_as_directed_is_not_counted() -> None:
    assert course_of(Item(0, "Something", "tablet", frequency="1-0-1", duration_days=5, directed=True)) == Course()


def test_a_typed_quantity_that_contradicts_the_dose_is_told_and_kept() -> None:
    row = Item(0, "Metformin", "tablet", frequency="1-0-1", duration_days=30, quantity=15)
    assert (contradicts(row), row.quantity) == (60, 15)
    assert contradicts(Item(0, "Metformin", "tablet", frequency="1-0-1", duration_days=30, quantity=60)) is None
    assert contradicts(Item(0, "Metformin", "tablet", frequency="SOS", quantity=60)) is None
