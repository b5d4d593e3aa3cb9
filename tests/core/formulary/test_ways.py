"""The route of administration that a form implies, as doctors write it: another route than the listed one is asked."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.formulary.classes import FORMULARY_FILE, from_row
from portal.core.formulary.index import Formulary
from portal.core.formulary.ways import is_among, ways_of

with FORMULARY_FILE.open(encoding="utf-8", newline="") as file:
    MEDICINES = tuple(map(from_row, csv.DictReader(file)))
FORMULARY = Formulary(MEDICINES)


@pytest.mark.parametrize(
    ("form", "way"),
    [
        ("Tab.", "mouth"),
        ("T", "mouth"),
        ("1 tab", "mouth"),
        ("Tablet (SR)", "mouth"),
        ("caplet", "mouth"),
        ("tablat", "mouth"),
        ("CAPS", "mouth"),
        ("syp", "mouth"),
        ("dry syrup", "mouth"),
        ("Oral drops", "mouth"),
        ("sublingual tablet", "mouth"),
        ("गोली", "mouth"),
        ("टैबलेट", "mouth"),
        ("सिरप", "mouth"),
        ("Inj.", "injected"),
        ("solution for injection", "injected"),
        ("I.V. infusion", "injected"),
        ("vial", "injected"),
        ("injecton", "injected"),
        ("इंजेक्शन", "injected"),
        ("e/d eye drops", "eye"),
        ("eye oint.", "eye"),
        ("आँख की बूँदें", "eye"),
        ("ear drops", "ear"),
        ("nasal spray", "nose"),
        ("MDI", "lungs"),
        ("rotacap capsule", "lungs"),
        ("respules", "lungs"),
        ("suppository", "rectum"),
        ("vaginal tablet", "vagina"),
        ("oint", "skin"),
        ("मलहम", "skin"),
    ],
)
def test_a_form_is_parsed_to_its_route(form: str, way: str) -> None:
    assert ways_of(form) == {way}


@pytest.mark.parametrize("form", ["drops", "powder", "gel", "solution", "spray", "sachet"])
def test_an_ambiguous_form_matches_each_possible_route(form: str) -> None:
    assert len(ways_of(form)) > 1


@pytest.mark.parametrize("row", MEDICINES, ids=lambda row: f"{row.name} {row.form}")
def test_every_listed_form_is_parsed_and_matches_itself(row) -> None:
    assert row.form == "any" or ways_of(row.form)
    assert FORMULARY.has_form(row.name, row.form.upper())


@pytest.mark.parametrize(
    ("drug", "form", "expected"),
    [
        ("Paracetamol 650", "caplet", True),
        ("Paracetamol", "Cap", True),
        ("Paracetamol", "drops", True),
        ("Paracetamol", "injection", False),
        ("Metformin", "suppository", False),
        ("Paracetamol", "suppository", True),
        ("Clotrimazole", "ointment", True),
        ("Salbutamol", "respules", True),
        ("Ciprofloxacin", "zzz", False),
        ("Alprazolam", "tab", True),
    ],
)
def test_a_route_that_is_not_listed_does_not_match(drug: str, form: str, expected: bool) -> None:
    assert FORMULARY.has_form(drug, form) is expected


def test_an_unknown_form_matches_itself_once_a_site_lists_it() -> None:
    assert is_among("Combi kit", ["combi kit"])
    assert not is_among("combi pack", ["combi kit"])


@given(st.text(max_size=40))
def test_any_text_is_parsed_without_an_error(form: str) -> None:
    assert isinstance(ways_of(form), frozenset)
