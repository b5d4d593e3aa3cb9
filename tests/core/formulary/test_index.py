"""The index of a version: salts, brands, combinations, and names of the site's own that are barred."""

import pytest

from portal.core.formulary.classes import PROHIBITED, Medicine
from portal.core.formulary.index import Formulary

LIST = Formulary(
    (
        Medicine("Metoprolol tartrate", "tablet", "A"),
        Medicine("Metoprolol succinate", "prolonged-release tablet", "B"),
        Medicine("Paracetamol", "tablet", "O", ("acetaminophen",), ("Crocin", "Dolo")),
        Medicine("Amoxicillin + clavulanic acid", "tablet", "A", ("co-amoxiclav",), ("Augmentin",)),
        Medicine("Co-trimoxazole", "tablet", "", (), (), ("sulfamethoxazole", "trimethoprim")),
        Medicine("Tapentadol", "tablet", PROHIBITED),
    ),
    number=7,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("metoprolol tartrate 25 mg", "A"),
        ("Metoprolol succinate", "B"),
        ("Metoprolol XL 50", "B"),  # no salt: the strictest of both
        ("CROCIN 650", "O"),
        ("Augmentin 625", "A"),
        ("co-trimoxazole", ""),
        ("Tapentadol", PROHIBITED),
        ("पैरासिटामोल", "O"),
        ("क्रोसिन", "O"),
        ("पैरासिटामोल और कुछ", ""),  # the whole text is one name, or nothing is known of it
    ],
)
def test_the_salt_decides_where_it_is_written_and_a_brand_is_known(text: str, expected: str) -> None:
    assert LIST.tele_class(text, "") == expected


def test_an_unclassified_medicine_is_known() -> None:
    assert LIST.knows("Co-trimoxazole")
    assert not LIST.knows("Zeburol")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Augmentin", ("amoxicillin", "clavulanic acid")),
        ("Co-trimoxazole 480 mg", ("sulfamethoxazole", "trimethoprim")),
        ("Dolo", ("paracetamol",)),
        ("Metoprolol succinate", ("metoprolol",)),
        ("Zeburol + caffeine", ("zeburol", "caffeine")),
        ("", ()),
    ],
)
def test_a_combination_is_each_of_its_substances(text: str, expected: tuple[str, ...]) -> None:
    assert LIST.substances(text) == expected


def test_a_brand_and_its_substance_are_one_medicine() -> None:
    assert LIST.identities("Crocin") & LIST.identities("acetaminophen")
    assert not LIST.identities("Crocin") & LIST.identities("Augmentin")


def test_a_medicine_that_the_site_bars_is_found_in_any_text() -> None:
    assert LIST.named_barred("T. Tapentadol 50") == "Tapentadol"
    assert [each.medicine for each in LIST.barred("tapentadl")] == ["Tapentadol"]
