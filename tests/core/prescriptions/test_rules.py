"""Prohibited medicines are found however they are typed; the others get their class."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.prescriptions.rules import (
    FORMULARY_FILE,
    PROHIBITED,
    Medicine,
    always_prohibited,
    find_prohibited,
    from_row,
    tele_class,
)

with FORMULARY_FILE.open(encoding="utf-8", newline="") as file:
    FORMULARY = tuple(map(from_row, csv.DictReader(file)))
BARRED_NAMES = st.sampled_from([name for medicine in always_prohibited() for name in medicine.names])
ALLOWED_NAMES = [name for medicine in FORMULARY if medicine.tele_class != PROHIBITED for name in medicine.names]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Tab Tramadol 50", "Tramadol"),
        ("TRAMADOL HCL", "Tramadol"),
        ("tramadol50mg", "Tramadol"),
        ("zolpidem tartrate", "Zolpidem"),
        ("paracetamol + tramadol", "Tramadol"),
        ("Paracetamol/Codeine", "Codeine"),
        ("CHLORPHENIRAMINE+CODEINE SYP", "Codeine"),
        ("Inj. Ketamine 50 mg/ml", "Ketamine"),
        ("dextro-amphetamine; amphetamine", "Amphetamine"),
        ("methyl  phenobarbitone", "Methylphenobarbital"),
        ("ＡＬＰＲＡＺＯＬＡＭ", "Alprazolam"),
        ("mor\u200bphine", "Morphine"),
        ("diazepam_5", "Diazepam"),
    ],
)
def test_a_prohibited_medicine_is_found(text: str, name: str) -> None:
    assert find_prohibited(text) == name


@pytest.mark.parametrize(
    "text",
    ["clonazepam", "Clobazam 10", "Phenobarbitone 30 mg", "phenobarbital", "ketorolac", "", "+", "dextromethorphan"],
)
def test_what_only_looks_alike_is_not_prohibited(text: str) -> None:
    assert find_prohibited(text) is None


@pytest.mark.parametrize("name", ALLOWED_NAMES)
def test_nothing_else_of_the_formulary_is_prohibited(name: str) -> None:
    assert find_prohibited(name) is None


@given(
    BARRED_NAMES,
    st.sampled_from(["", "Tab ", "INJ. ", "paracetamol + "]),
    st.sampled_from(["", " 10 mg", " HCl", "/aspirin", "10"]),
)
def test_forms_salts_strengths_and_partners_hide_nothing(name: str, before: str, after: str) -> None:
    assert find_prohibited(before + name.upper() + after) is not None


@given(BARRED_NAMES, st.sampled_from("aeiou"))
def test_a_prohibited_name_inside_a_longer_word_is_another_word(name: str, letter: str) -> None:
    longer = f"qx{letter}{name.split()[-1]}{letter}xq"
    assert find_prohibited(longer) is None


def test_a_site_may_bar_more_but_never_less() -> None:
    own = (Medicine("Tapentadol", "tablet", PROHIBITED), Medicine("Tramadol", "capsule", "A"))
    assert find_prohibited("tapentadol 50", own) == "Tapentadol"
    assert tele_class("Tramadol", "capsule", own) == PROHIBITED


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("paracetamol", "tablet", "O"),
        ("Tab. PARACETAMOL 650 mg", "Tablet", "O"),
        ("acetaminophen", "", "O"),
        ("Amlodipine besylate 5 mg", "tablet", "A"),
        ("sitagliptin phosphate", "tablet", "B"),
        ("Sodium valproate", "tablet", "A"),
        ("clonazepam", "tablet", "A"),
        ("paracetamol + caffeine", "tablet", ""),
        ("tocilizumab", "injection", ""),
        ("tramadol", "tablet", PROHIBITED),
        ("", "tablet", ""),
        ("500 mg", "tablet", ""),
    ],
)
def test_a_medicine_has_the_class_of_the_formulary(text: str, form: str, expected: str) -> None:
    assert tele_class(text, form, FORMULARY) == expected


def test_the_form_decides_and_the_strictest_class_when_it_is_not_listed() -> None:
    two = (Medicine("Nafcidrin", "eye drops", "O"), Medicine("Nafcidrin", "tablet", "B"))
    assert tele_class("nafcidrin", "Eye drops", two) == "O"
    assert tele_class("nafcidrin", "syrup", two) == "B"


@given(st.text(max_size=60), st.text(max_size=10))
def test_any_text_gets_an_answer(text: str, form: str) -> None:
    assert tele_class(text, form, FORMULARY) in {"", "O", "A", "B", PROHIBITED}
