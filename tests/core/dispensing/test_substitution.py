"""Another brand: the same salt only; the list decides, or the salt that is written behind an unknown name."""

import pytest

from portal.core.dispensing.substitution import problem_of
from tests.consulting import make_drug


@pytest.fixture(autouse=True)
def medicines(db: None) -> None:
    make_drug("Metoprolol tartrate", brands="Metolar")
    make_drug("Metoprolol succinate", form="prolonged-release tablet", brands="Seloken XL")
    make_drug("Amoxicillin + clavulanic acid", aliases="co-amoxiclav", brands="Augmentin|Moxikind CV")
    make_drug("Amoxicillin", brands="Mox")
    make_drug("Paracetamol", aliases="acetaminophen", brands="Crocin|Dolo")


@pytest.mark.parametrize(
    ("drug", "brand"),
    [
        ("Paracetamol", "Crocin 500"),
        ("PARACETAMOL 500 mg", "dolo"),
        ("Crocin", "Paracetamol"),
        ("Crocin", "Dolo"),
        ("Paracetamol", "क्रोसिन"),
        ("Paracetamol", "Newfever (acetaminophen)"),
        ("Metoprolol", "Metolar"),  # the doctor left the salt open
        ("Metoprolol succinate", "Seloken XL 50"),
        ("Amoxicillin + clavulanic acid", "Augmentin 625"),
        ("Augmentin", "Moxikind CV"),
        ("Nobody knows it", "Unheard of (nobody knows it)"),
    ],
)
def test_the_same_salt_may_be_given(drug: str, brand: str) -> None:
    assert problem_of(drug, brand) == ""


@pytest.mark.parametrize(
    ("drug", "brand"),
    [
        ("Paracetamol", "Mox"),
        ("Metoprolol succinate", "Metolar"),
        ("Amoxicillin", "Augmentin"),
        ("Augmentin", "Amoxicillin"),
        ("Paracetamol", "Newfever (diclofenac)"),
        ("Paracetamol", "Mox (paracetamol)"),  # the list knows better
        ("Nobody knows it", "Crocin"),
    ],
)
def test_another_salt_is_refused(drug: str, brand: str) -> None:
    assert "Only the same salt" in problem_of(drug, brand)


def test_the_salt_of_an_unknown_brand_is_asked_for() -> None:
    assert problem_of("Paracetamol", "Newfever").endswith("Write its salt behind it: Newfever (Paracetamol).")
