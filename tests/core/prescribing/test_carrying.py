"""What was given on earlier versions: which of it counts on the next one, and which is only told."""

import pytest

from portal.core.formulary import classes
from portal.core.formulary.index import Formulary
from portal.core.prescribing.carrying import Line, carried, otherwise
from portal.store.csv_file import shipped

LISTED = Formulary(map(classes.from_row, shipped(classes.FORMULARY_FILE)))


def told(old: list[Line], new: list[Line]) -> list[list[int]]:
    found = otherwise(old, new, same=LISTED.are_same, shares=LISTED.shares)
    return [[line.given for line in lines] for lines in found]


@pytest.mark.parametrize(
    ("before", "after", "counts"),
    [
        (("Warfarin", "tablet", "5 mg"), ("Warfarin", "tablet", "5mg"), True),
        (("Warfarin", "tablet", "5 mg"), ("Warfarin", "tablet", "2 mg"), False),
        (("Warfarin", "tablet", "0.5 mg"), ("Warfarin", "tab", "500 mcg"), True),
        (("Warfarin 5", "", ""), ("Warfarin 2", "", ""), False),
        (("Dolo 650", "tablet", ""), ("Paracetamol", "tablet", "650 mg"), True),
        (("Dolo 650", "tablet", ""), ("Paracetamol", "tablet", "500 mg"), False),
        (("Warfarin", "", ""), ("Warfarin", "tablet", "5 mg"), True),  # what is not said is not another
        (("Amoxicillin", "capsule", "250 mg"), ("Amoxicillin", "tablet", "250 mg"), True),
        (("Timolol", "eye drops", "0.5%"), ("Timolol", "tablet", "0.5%"), False),
        (("Metformin", "tablet", "500 mg"), ("Metformin", "prolonged-release tablet", "500 mg"), False),
        (("Paracetamol", "syrup", "125 mg/5 ml"), ("Paracetamol", "syrup", "250 mg/5 ml"), False),
        (("Paracetamol", "syrup", "25 mg/ml"), ("Paracetamol", "syrup", "125 mg/5 ml"), True),
        (("Insulin glargine", "injection", "100 IU/ml"), ("Insulin glargine", "injection", "300 IU/ml"), False),
        (("Paracetmol", "tablet", "500 mg"), ("Paracetamol", "tablet", "500 mg"), True),  # misspelt, and unlisted so
        (("Telmisartan + amlodipine", "tablet", "40 mg + 5 mg"), ("Telmisartan", "tablet", "40 mg"), False),
        (("Telmisartan + amlodipine", "tablet", "40/5 mg"), ("Amlodipine + telmisartan", "tablet", "40/5 mg"), True),
    ],
)
def test_what_was_given_counts_for_the_same_strength_and_form_and_is_told_for_another(
    before: tuple[str, str, str], after: tuple[str, str, str], counts: bool
) -> None:
    old, new = [Line(*before, quantity=30, given=12)], [Line(*after, quantity=30)]
    assert carried(old, new, LISTED.are_same) == [12 if counts else 0]
    assert told(old, new) == [[] if counts else [12]]


def test_another_medicine_is_neither_counted_nor_told() -> None:
    old, new = [Line("Warfarin", "tablet", "5 mg", 30, given=12)], [Line("Paracetamol", "tablet", "500 mg", 30)]
    assert (carried(old, new, LISTED.are_same), told(old, new)) == ([0], [[]])


def test_two_rows_of_one_medicine_share_what_was_given_and_the_first_says_what_is_over() -> None:
    old = [Line("Warfarin", "tablet", "5 mg", 30, given=25)]
    new = [Line("Warfarin", "tablet", "5 mg", 10), Line("Warfarin", "tablet", "5 mg", 10)]
    assert carried(old, new, LISTED.are_same) == [15, 10]


def test_what_counts_for_one_row_is_not_told_at_another() -> None:
    old = [Line("Warfarin", "tablet", "5 mg", 30, given=25)]
    new = [Line("Warfarin", "tablet", "5 mg", 10), Line("Warfarin", "tablet", "2 mg", 10)]
    assert (carried(old, new, LISTED.are_same), told(old, new)) == ([25, 0], [[], []])
