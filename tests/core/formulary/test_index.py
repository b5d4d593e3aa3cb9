"""The index of a version: salts, brands, combinations, and names of the site's own that are barred."""

import csv
from pathlib import Path

import pytest

from portal.core.formulary import classes
from portal.core.formulary.classes import PROHIBITED, Medicine
from portal.core.formulary.index import Formulary
from portal.store.csv_file import shipped

PACKAGED = Formulary(map(classes.from_row, shipped(classes.FORMULARY_FILE)))
with (Path(__file__).parent / "hindi.csv").open(encoding="utf-8", newline="") as file:
    HINDI = list(csv.DictReader(file))
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
        ("गोली पैरासिटामोल", "O"),
        ("Zeburol पैरासिटामोल", ""),  # the whole text is one name, or nothing is known of it
        ("पैरासिटामोल और कुछ", ""),
    ],
)
def test_the_salt_decides_where_it_is_written_and_a_brand_is_known(text: str, expected: str) -> None:
    assert LIST.tele_class(text, "") == expected


@pytest.mark.parametrize("row", HINDI, ids=lambda row: row["text"])
def test_everyday_names_are_known_in_hindi_also_beside_a_form(row: dict[str, str]) -> None:
    assert " + ".join(PACKAGED.substances(row["text"])) == row["substances"]


def test_a_name_that_may_be_two_medicines_by_ear_is_unknown() -> None:
    one, other = Medicine("Timolol", "eye drops", "A"), Medicine("Tinolol", "tablet", "B")
    assert Formulary((one, other)).tele_class("टिमोलोल", "") == "A"  # the usual sound of its letters decides
    assert not Formulary((one, Medicine("Timalol", "tablet", "B"))).knows("टिमोलोल")


@pytest.mark.parametrize("text", ["Trimethoprim + sulfamethoxazole", "clavulanic acid + amoxicillin"])
def test_a_combination_is_known_the_other_way_round(text: str) -> None:
    assert PACKAGED.knows(text)


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


def test_the_strengths_of_a_single_substance_are_those_of_every_form_of_the_route() -> None:
    formulary = Formulary(
        (
            Medicine("Diclofenac", "tablet", "O", brands=("Voveran",), strengths=("50 mg",)),
            Medicine("Diclofenac", "prolonged-release tablet", "O", strengths=("75 mg", "100 mg")),
            Medicine("Diclofenac", "cream", "O", strengths=("1.16 %",)),
            Medicine("Diclofenac + paracetamol", "tablet", "O", strengths=("50 mg + 325 mg",)),
        )
    )
    assert formulary.strengths("Voveran", "Tab.") == ("50 mg", "75 mg", "100 mg")
    assert formulary.strengths("diclofenac", "cap") == ("50 mg", "75 mg", "100 mg")
    assert formulary.strengths("Diclofenac", "injection") == ()
    assert formulary.strengths("Diclofenac + paracetamol", "tablet") == ()
    assert formulary.strengths("Nobodyine", "tablet") == ()
