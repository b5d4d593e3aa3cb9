"""Class of a medicine by the formulary."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.formulary.classes import FORMULARY_FILE, PROHIBITED, Medicine, from_row
from portal.core.formulary.index import Formulary

with FORMULARY_FILE.open(encoding="utf-8", newline="") as file:
    FORMULARY = Formulary(map(from_row, csv.DictReader(file)))


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("paracetamol", "tablet", "O"),
        ("Tab. PARACETAMOL 650 mg", "Tablet", "O"),
        ("acetaminophen", "", "O"),
        ("Salmeterol 25 µg", "inhaler", "A"),
        ("salmeterol 25 μg", "inhaler", "A"),
        ("Enalapril maleate 5 mg", "tablet", "A"),
        ("sitagliptin phosphate", "tablet", "B"),
        ("Phenobarbitone sodium", "tablet", "A"),
        ("Levothyroxine 25 µg", "tablet", ""),  # listed; no guideline names it
        ("Sodium valproate", "tablet", ""),
        ("clonazepam", "tablet", "A"),
        ("paracetamol + caffeine", "tablet", ""),
        ("tocilizumab", "injection", ""),
        ("tramadol", "tablet", PROHIBITED),
        ("", "tablet", ""),
        ("500 mg", "tablet", ""),
    ],
)
def test_a_medicine_has_the_class_of_the_formulary(text: str, form: str, expected: str) -> None:
    assert FORMULARY.tele_class(text, form) == expected


def test_the_form_decides_and_the_strictest_class_when_it_is_not_listed() -> None:
    two = Formulary((Medicine("Nafcidrin", "eye drops", "O"), Medicine("Nafcidrin", "tablet", "B")))
    assert two.tele_class("nafcidrin", "Eye drops") == "O"
    assert two.tele_class("nafcidrin", "syrup") == "B"


@given(st.text(max_size=60), st.text(max_size=10))
def test_any_text_is_parsed_without_an_error(text: str, form: str) -> None:
    assert FORMULARY.tele_class(text, form) in {"", "O", "A", "B", PROHIBITED}
