"""The search of medicines: by part, brand, salt, form and strength, misspelt, in Hindi; barred ones are shown too."""

import csv
from datetime import datetime
from pathlib import Path

import pytest

from portal.core.formulary import rows, search, versions
from portal.core.formulary.classes import FORMULARY_FILE
from portal.store.csv_file import shipped
from tests.consulting import make_drug

CROCIN = {"brands": "Crocin|Dolo", "strengths": "500 mg|650 mg"}


@pytest.fixture(autouse=True)
def packaged(db: None, now: datetime) -> None:
    """The packaged list, and the brands of paracetamol."""
    listed = [rows.values_of(cells) for cells in shipped(FORMULARY_FILE)]
    versions.take_over(listed, keep_others=False, by="tests", file="", now=now)
    make_drug("Paracetamol", **CROCIN)


@pytest.mark.parametrize(
    ("text", "name", "form", "other"),
    [
        ("para", "Paracetamol", "tablet", ""),  # before its combinations, and the tablet before the drops
        ("telmi", "Telmisartan", "tablet", ""),
        ("telmisartan hydrochlor", "Telmisartan + hydrochlorothiazide", "tablet", ""),
        ("augmentin", "Amoxicillin + clavulanic acid", "tablet", "Augmentin"),
        ("nexito", "Escitalopram", "tablet", "Nexito"),
        ("Telma 40", "Telmisartan", "tablet", "Telma"),
        ("thyronorm", "Levothyroxine", "tablet", "Thyronorm"),
        ("lantus", "Insulin glargine", "injection", "Lantus"),
        ("montek lc", "Montelukast + levocetirizine", "tablet", "Montek LC"),
        ("warfarin", "Warfarin", "tablet", ""),
        ("metformin SR", "Metformin", "prolonged-release tablet", ""),
        ("CETAMOL", "Paracetamol", "tablet", ""),
        ("paracetamol susp", "Paracetamol", "oral suspension", ""),
        ("paracetamol 125", "Paracetamol", "oral suspension", ""),
        ("Tab. Crocin 650", "Paracetamol", "tablet", "Crocin"),
        ("acetaminophen", "Paracetamol", "oral suspension", "acetaminophen"),
        ("paracitamol", "Paracetamol", "tablet", ""),  # by sound
        ("parcetamol", "Paracetamol", "tablet", ""),  # one letter lacks
        ("levothroxine", "Levothyroxine", "tablet", ""),
        ("पैरासिटामोल", "Paracetamol", "tablet", ""),
        ("पैरासि", "Paracetamol", "tablet", ""),
        ("क्रोसिन", "Paracetamol", "tablet", "Crocin"),
        ("मेटफॉर्मिन", "Metformin", "tablet", ""),
        ("मेटफॉर्मिन की गोली", "Metformin", "tablet", ""),
        ("metoprolol succ", "Metoprolol succinate", "prolonged-release tablet", ""),
        ("metoprolol XL", "Metoprolol succinate", "prolonged-release tablet", ""),
        ("amox clav", "Amoxicillin + clavulanic acid", "tablet", ""),
        ("coamoxiclav", "Amoxicillin + clavulanic acid", "tablet", "co-amoxiclav"),
        ("tramadol", "Tramadol", "any", ""),
        ("Alprax", "Alprazolam", "any", "Alprax"),  # a brand of the barred names
    ],
)
def test_the_first_medicine_found_is_the_one_that_is_meant(text: str, name: str, form: str, other: str) -> None:
    best = search.find(text)[0]
    assert (best.drug.name, best.drug.form, best.other) == (name, form, other)


def everyday_brands() -> dict[str, str]:
    with Path(__file__).with_name("brands.csv").open(encoding="utf-8", newline="") as file:
        return {row["brand"]: row["medicine"] for row in csv.DictReader(file)}


def test_an_everyday_brand_leads_to_its_medicine_first() -> None:
    brands = everyday_brands()
    assert len(brands) > 150
    found = {brand: [each.drug.name for each in search.find(brand)][:1] for brand in brands}
    assert {brand: names for brand, names in found.items() if names != [brands[brand]]} == {}


def test_a_form_alone_lists_the_medicines_in_it() -> None:
    found = search.find("eye drops")
    assert {each.drug.form for each in found} == {"eye drops"}
    assert len(found) > 5


@pytest.mark.parametrize("text", ["", "  ", "%", "_", "'; DROP TABLE drug; --", "\0", "x" * 5000, "zzzzzz", "🩺"])
def test_what_names_nothing_finds_nothing(text: str) -> None:
    assert search.find(text) == []


def test_what_may_be_prescribed_stands_before_what_may_not() -> None:
    barred = [found.drug.tele_class == "PROHIBITED" for found in search.find("meth")]
    assert barred == sorted(barred)
    assert not barred[0]
    assert search.find("methadone")[0].drug.name == "Methadone"


def test_a_barred_medicine_that_a_list_has_too_is_shown_once() -> None:
    make_drug("Tramadol", form="capsule", tele_class="PROHIBITED")
    assert [found.drug.form for found in search.find("tramadol")] == ["capsule"]


def test_a_search_shows_at_most_twenty() -> None:
    assert len(search.find("a")) == search.FOUND_AT_MOST


def test_a_new_version_is_found_at_once() -> None:
    assert search.find("Zeburol") == []
    make_drug("Zeburol")
    assert [each.drug.name for each in search.find("Zeburol")] == ["Zeburol"]


@pytest.mark.parametrize(
    ("name", "form", "expected"),
    [
        ("paracetamol", "tablet", ("500 mg", "650 mg")),
        ("Omeprazole", "syrup", ("10 mg", "20 mg", "40 mg")),  # of capsule and tablet, each once
        ("Nobodyknowsit", "tablet", ()),
        ("", "", ()),
    ],
)
def test_strengths_are_those_of_the_form_or_of_all(name: str, form: str, expected: tuple[str, ...]) -> None:
    assert search.in_force().strengths_of(name, form) == expected
