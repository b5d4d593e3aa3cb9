"""Who was present: what is asked of minors and caregivers (TPG 2020, domain.md 1.3 and 1.4)."""

from dataclasses import replace
from datetime import date

import pytest

from portal.base.errors import Invalid
from portal.core.prescribing import attending, needs, notes
from portal.core.prescribing.attending import Attending, missing
from tests.consulting import typed

TODAY = date(2026, 11, 23)
MOTHER = Attending("caregiver", "Sunita Kumar", "mother", "CGHS card", consent=True)
ALL = {"present", "guardian-name", "guardian-relation", "guardian-identity", "consent"}


@pytest.mark.parametrize(
    ("age", "attended", "asked"),
    [
        pytest.param(0, Attending(), ALL, id="domain.md 1.3, a minor with an identified adult only: newborn"),
        pytest.param(17, Attending(), ALL, id="domain.md 1.3, a minor with an identified adult only: 17 y"),
        pytest.param(17, MOTHER, set(), id="domain.md 1.3, complete"),
        pytest.param(17, replace(MOTHER, present="patient"), set(), id="domain.md 1.3, the child speaks"),
        pytest.param(17, replace(MOTHER, identity=""), {"guardian-identity"}, id="domain.md 1.3, identity"),
        pytest.param(17, replace(MOTHER, consent=False), {"consent"}, id="domain.md 1.4, explicit consent"),
        pytest.param(18, Attending(), set(), id="domain.md 1.4, implied consent of an adult who calls"),
        pytest.param(18, Attending("patient"), set(), id="domain.md 1.4, implied consent, said"),
        pytest.param(None, Attending(), set(), id="unknown age"),
        pytest.param(
            80,
            Attending("caregiver"),
            {"guardian-name", "guardian-relation", "consent"},
            id="domain.md 1.4, explicit consent when a caregiver calls",
        ),
        pytest.param(80, replace(MOTHER, identity=""), set(), id="domain.md 1.4, a caregiver without a document"),
        pytest.param(80, replace(MOTHER, identity="Aadhaar 1234 5678 9012"), {"guardian-identity"}, id="no number"),
        pytest.param(80, replace(MOTHER, identity="आधार १२३४"), {"guardian-identity"}, id="no Devanagari number"),
    ],
)
def test_what_is_asked_before_issuing(age: int | None, attended: Attending, asked: set[str]) -> None:
    assert set(missing(attended, age)) == asked


def test_the_fields_are_read_and_shown_again() -> None:
    form = attending.Attending("caregiver", "Sunita", "माँ", "Aadhaar", consent=True).as_form()
    assert notes.read(form, today=TODAY).attending.as_form() == form
    with pytest.raises(Invalid):
        notes.read({"present": "the neighbours"}, today=TODAY)
    kept = notes.read({"guardian-name": "x" * 121}, today=TODAY)
    assert (kept.attending.name, kept.unread) == ("", {"guardian-name": "x" * 121})


@pytest.mark.parametrize(
    ("age", "changes", "is_asked"),
    [(17, {}, True), (18, {}, False), (None, {}, False), (5, {"vitals-weight": "17.5"}, False)],
)
def test_the_weight_of_a_child_is_asked_with_medicines(
    age: int | None, changes: dict[str, str], is_asked: bool
) -> None:
    read = notes.read(typed(**changes), today=TODAY)
    assert ("vitals-weight" in needs.problems_of(read, today=TODAY, age=age)) == is_asked
    advised = replace(read, items=())
    assert "vitals-weight" not in needs.problems_of(advised, today=TODAY, age=age)
