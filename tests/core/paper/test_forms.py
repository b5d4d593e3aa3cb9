"""Dosage forms in Hindi."""

import csv
from pathlib import Path

import pytest

from portal.core import paper
from portal.core.formulary.ways import USUAL_FORMS
from portal.core.paper.forms import form_in_words

FORMULARY = Path(paper.__file__).parents[1] / "data" / "formulary.csv"


def test_every_form_of_the_packaged_formulary_is_said_in_hindi():
    with FORMULARY.open(encoding="utf-8") as file:
        forms = {row["form"] for row in csv.DictReader(file)} | set(USUAL_FORMS)
    assert [form for form in sorted(forms) if form_in_words(form, "hi").isascii()] == []


@pytest.mark.parametrize(
    ("written", "said"),
    [("Tab.", "गोली"), ("eye oint", "आँख का मलहम"), ("Film-coated tablets", "गोली"), ("Gutta", "Gutta"), ("", "")],
)
def test_a_form_as_doctors_write_it_is_said_in_hindi(written, said):
    assert form_in_words(written, "hi") == said


def test_in_english_a_form_stays_as_written():
    assert form_in_words("Tab.", "en") == "Tab."
