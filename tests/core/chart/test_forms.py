"""Parsing of the chart's forms."""

import pytest

from portal.base.errors import Invalid
from portal.core.chart import forms
from portal.core.chart.forms import Typed


def test_an_allergy_has_substance_reaction_and_severity() -> None:
    typed = forms.allergy({"substance": "  Penicillin\n", "reaction": "rash", "severity": "severe"})
    assert typed == Typed("allergy", "Penicillin", "rash", "severe")


def test_none_known_needs_no_substance() -> None:
    assert forms.allergy({"none_known": "yes"}) == Typed("none_known")


def test_a_suggested_problem_brings_code_and_name_in_one_field() -> None:
    assert forms.problem({"problem_code": "e11 Type 2 diabetes"}) == Typed("problem", "Type 2 diabetes", "", "E11")


@pytest.mark.parametrize(
    ("parse", "form", "field"),
    [
        (forms.allergy, {"substance": " "}, "substance"),
        (forms.allergy, {"substance": "x" * 121}, "substance"),
        (forms.allergy, {"substance": "Sulfa", "severity": "worst"}, "severity"),
        (forms.problem, {"problem": "Asthma", "problem_code": "asthma"}, "problem_code"),
        (forms.medicine, {"medicine": "Aspirin", "told_by": "prescription"}, "told_by"),
        (forms.medicine, {"medicine": ""}, "medicine"),
    ],
)
def test_what_is_invalid_is_named_by_its_field(parse, form, field) -> None:
    with pytest.raises(Invalid) as raised:
        parse(form)
    assert list(raised.value.fields) == [field]
