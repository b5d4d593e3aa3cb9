"""The lists that come with the portal are complete and fit the tables."""

import csv
import re
from pathlib import Path

import pytest

import portal.core

FOLDER = Path(portal.core.__file__).parent / "data"

SCHEDULE_X = (
    "amobarbital amphetamine barbital cyclobarbital dexamphetamine ethchlorvynol glutethimide ketamine meprobamate"
    " methamphetamine methylphenidate methylphenobarbital pentobarbital phencyclidine phenmetrazine secobarbital"
).split()
LISTED_NARCOTICS = (
    "alprazolam diazepam lorazepam midazolam nitrazepam chlordiazepoxide zolpidem buprenorphine pentazocine morphine"
    " fentanyl codeine tramadol"
).split()
# TPG names them without a strength, or the gazette lists them "as licensed".
WITHOUT_STRENGTH = {
    "Aluminium hydroxide + magnesium hydroxide",
    "Benzyl benzoate",
    "Bromhexine",
    "Calamine",
    "Glycerol",
    "Guaifenesin",
    "Ispaghula",
    "Paradichlorobenzene + benzocaine + chlorbutol + turpentine",
    "Salmeterol",
    "Zinc sulphate",
}
LIMITS = {
    "centres.csv": {"code": 8, "name": 80, "name_hi": 80, "city": 60, "address": 200, "phone": 20},
    "specialties.csv": {"code": 24, "prefix": 4, "name": 60, "name_hi": 60, "is_private": 3, "neutral_prefix": 4},
    "diagnoses.csv": {"code": 8, "label": 80, "label_hi": 80},
    "formulary.csv": {
        "name": 120,
        "form": 40,
        "strengths": 300,
        "tele_class": 10,
        "chronic": 1,
        "route": 30,
        "default_frequency": 20,
        "aliases": 300,
        "brands": 600,
        "substances": 300,
        "source": 300,
        "class_source": 300,
    },
}


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.mark.parametrize("name", LIMITS)
def test_every_row_has_the_columns_of_its_table_and_fits(name: str) -> None:
    for row in rows(name):
        assert row.keys() == LIMITS[name].keys()
        assert all(value == value.strip() and len(value) <= LIMITS[name][key] for key, value in row.items())


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("centres.csv", ["code"]),
        ("specialties.csv", ["prefix"]),
        ("diagnoses.csv", ["code"]),
        ("formulary.csv", ["name", "form"]),
    ],
)
def test_no_row_stands_twice(name: str, keys: list[str]) -> None:
    found = [tuple(row[key].casefold() for key in keys) for row in rows(name)]
    assert len(found) == len(set(found))


@pytest.mark.parametrize("name", ["centres.csv", "specialties.csv", "diagnoses.csv"])
def test_every_name_is_there_in_hindi(name: str) -> None:
    column = "label_hi" if name == "diagnoses.csv" else "name_hi"
    assert all(re.search("[\u0900-\u097f]", row[column]) for row in rows(name))


def test_the_41_centres_are_numbered_and_no_telephone_rings() -> None:
    centres = rows("centres.csv")
    assert [row["code"] for row in centres] == [f"{number:02d}" for number in range(1, 42)]
    assert (centres[0]["name"], centres[40]["name"]) == ("Gole Market", "R.K. Puram-I")
    assert all(row["phone"] == "" and "sample" in row["address"] for row in centres)


def test_the_five_specialties_have_their_prefixes() -> None:
    found = {row["code"]: row["prefix"] for row in rows("specialties.csv")}
    assert found == {"medicine": "MED", "orthopaedics": "ORT", "eye": "EYE", "ent": "ENT", "psychiatry": "PSY"}


def test_a_diagnosis_has_the_code_of_a_category() -> None:
    codes = [row["code"] for row in rows("diagnoses.csv")]
    assert all(re.fullmatch(r"[A-Z]\d\d", code) for code in codes)
    assert codes == sorted(codes)


def test_classes_flags_and_routes_are_known_ones() -> None:
    for row in rows("formulary.csv"):
        assert row["tele_class"] in {"", "O", "A", "B"}
        assert row["chronic"] in {"0", "1"}
        assert row["route"]


def test_only_what_no_source_gives_a_strength_for_is_without_one() -> None:
    without = {row["name"] for row in rows("formulary.csv") if not row["strengths"]}
    assert without == WITHOUT_STRENGTH


def test_a_source_names_the_list_of_the_class_it_stands_for() -> None:
    lists = {"List O": "O", "List A": "A", "List B": "B"}
    for row in (row for row in rows("formulary.csv") if row["class_source"]):
        assert [each for name, each in lists.items() if name in row["class_source"]] == [row["tele_class"]], row["name"]


def test_a_medicine_has_a_class_only_where_its_place_is_cited() -> None:
    assert [row["name"] for row in rows("formulary.csv") if bool(row["tele_class"]) != bool(row["class_source"])] == []
    assert len([row for row in rows("formulary.csv") if row["class_source"]]) == 42


CITED = re.compile(
    r"TPG 2020 3\.7\.4|NPPA( 1575| 1581)+|(NLEM 2011|PMBJP|CDSCO|UHI|Intelehealth|Medplus|1mg)( [0-9]+)+"
    r"|MedRep|audio-prescriptions|janaushadhi-finder"
    r"|shop-list|brand-table|market-list|makers-list|drug-lexicon|clinic-pads|rx-list|brand-map|CortX"
)
# These give a product's composition; the others name a brand beside its substances.
CATALOGUES = {"UHI", "Medplus", "1mg", "shop-list", "brand-table", "market-list"}
BRANDED = {
    *CATALOGUES,
    "MedRep",
    "audio-prescriptions",
    "janaushadhi-finder",
    "makers-list",
    "drug-lexicon",
    "clinic-pads",
    "rx-list",
    "brand-map",
    "CortX",
}


def test_every_medicine_cites_where_its_name_and_strengths_were_read() -> None:
    for row in rows("formulary.csv"):
        assert all(CITED.fullmatch(each) for each in row["source"].split("; ")), (row["name"], row["source"])


def test_a_brand_cites_two_sources_of_which_one_is_a_catalogue() -> None:
    for row in (row for row in rows("formulary.csv") if row["brands"]):
        cited = [each.split()[0] for each in row["source"].split("; ") if each.split()[0] in BRANDED]
        assert len(cited) > 1, (row["name"], row["source"])
        assert CATALOGUES & set(cited), (row["name"], row["source"])


def evidence() -> dict[tuple[str, str], set[str]]:
    """The sources in which each brand was read with the same composition, by brand and medicine."""
    with (Path(__file__).parent / "brand_sources.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file, strict=True))
    assert len(found) == len({row["brand"].casefold() for row in found})
    return {(row["brand"], row["medicine"]): set(row["sources"].split("; ")) for row in found}


# A-Z is a copy of what 1mg sells: both are one source.
INDEPENDENT = BRANDED - {"market-list", "drug-lexicon", "rx-list", "brand-map"} | {
    "sugar-diary",
    "psychiatric-list",
    "eye-list",
}


def test_every_brand_was_read_in_two_independent_sources() -> None:
    seen = evidence()
    listed = {(brand, row["name"]) for row in rows("formulary.csv") for brand in row["brands"].split("|") if brand}
    assert listed == seen.keys()
    few = [brand for brand, sources in seen.items() if len({"1mg" if one == "A-Z" else one for one in sources}) < 2]
    assert few == []
    assert set().union(*seen.values()) <= INDEPENDENT | {"A-Z"}


def test_the_clinical_page_says_where_the_evidence_of_each_brand_comes_from() -> None:
    page = (Path(__file__).parents[3] / "docs" / "clinical.md").read_text("utf-8")
    assert [name for name in set().union(*evidence().values()) if f"| `{name}` |" not in page] == []


def test_a_brand_or_other_name_belongs_to_one_medicine() -> None:
    owners: dict[str, set[str]] = {}
    for row in rows("formulary.csv"):
        for name in f"{row['aliases']}|{row['brands']}".strip("|").split("|"):
            owners.setdefault(name.casefold(), set()).add(row["name"])
    assert {name: found for name, found in owners.items() if name and len(found) > 1} == {}


AMOUNT = re.compile(r"([0-9.]+) (mg|mcg|g)(?:/([0-9.]*) ?ml)?")
IN_MG = {"mg": 1.0, "mcg": 0.001, "g": 1000.0}


def milligrams(strength: str) -> float | None:
    """Of a piece, or of a millilitre; None for what is measured otherwise, and for combinations."""
    found = AMOUNT.fullmatch(strength)
    return float(found[1]) * IN_MG[found[2]] / float(found[3] or 1) if found else None


def test_no_strength_of_a_liquid_is_five_times_another() -> None:
    for row in (row for row in rows("formulary.csv") if "/" in row["strengths"]):
        found = [amount for each in row["strengths"].split("|") if (amount := milligrams(each))]
        assert not found or max(found) < 5 * min(found), (row["name"], row["strengths"])


def test_no_tablet_is_stronger_than_the_strongest_there_is() -> None:
    largest = {row["substance"]: float(row["largest_mg"]) for row in rows("safety_doses.csv")}
    swallowed = [row for row in rows("formulary.csv") if row["route"] == "oral" and row["name"].casefold() in largest]
    assert len(swallowed) > 100
    for row in (row for row in swallowed if "/" not in row["strengths"]):
        found = [amount for each in row["strengths"].split("|") if (amount := milligrams(each))]
        assert max(found, default=0) <= largest[row["name"].casefold()], (row["name"], row["strengths"])


def everyday_missing() -> set[str]:
    known = {name.casefold() for row in rows("formulary.csv") for name in (row["name"], *row["aliases"].split("|"))}
    with (Path(__file__).parent / "everyday.csv").open(encoding="utf-8", newline="") as file:
        wanted = {name for row in csv.DictReader(file) for name in row["names"].split("|")}
    return wanted - known


def test_the_figures_in_the_clinical_page_are_those_of_the_list() -> None:
    page = (Path(__file__).parents[3] / "docs" / "clinical.md").read_text("utf-8")
    listed = rows("formulary.csv")
    counted = {
        "generic names, without barred ones": len({row["name"] for row in listed}),
        "rows (a name in a form)": len(listed),
        "strengths in these rows": sum(len(row["strengths"].split("|")) for row in listed if row["strengths"]),
        "rows with a source": sum(bool(row["source"]) for row in listed),
        "rows without a strength, as no source gives one": sum(not row["strengths"] for row in listed),
        "rows with a class": sum(bool(row["tele_class"]) for row in listed),
        "brands, each in two sources": len({brand for row in listed for brand in row["brands"].split("|") if brand}),
        "names of the everyday list that are missing": len(everyday_missing()),
    }
    assert {name: number for name, number in counted.items() if f"| {name} | {number} |" not in page} == {}


@pytest.mark.parametrize(("after", "before"), [("those given by mouth or applied:", "."), ("five OPDs):", ".")])
def test_what_the_clinical_page_calls_missing_is_missing(after: str, before: str) -> None:
    page = " ".join((Path(__file__).parents[3] / "docs" / "clinical.md").read_text("utf-8").split())
    names = page.partition(after)[2].partition(before)[0].strip().split(", ")
    known = {row["name"].casefold() for row in rows("formulary.csv")}
    assert all(names)
    assert set(names) & known == set()
    assert after != "five OPDs):" or set(names) == everyday_missing()


def test_no_release_is_hidden_in_a_strength_or_name() -> None:
    words = re.compile(r"\b(sr|er|xr|xl|cr|release|retard)\b", re.IGNORECASE)
    assert [row["name"] for row in rows("formulary.csv") if words.search(row["name"] + " " + row["strengths"])] == []


@pytest.mark.parametrize("name", SCHEDULE_X + LISTED_NARCOTICS)
def test_schedule_x_and_the_listed_narcotics_are_prohibited(name: str) -> None:
    assert name in {row["name"].casefold() for row in rows("barred.csv")}


@pytest.mark.parametrize("name", ["Clonazepam", "Clobazam", "Phenobarbitone"])
def test_the_three_exceptions_of_april_2020_are_refills_of_list_a(name: str) -> None:
    (row,) = (row for row in rows("formulary.csv") if row["name"] == name)
    assert (row["tele_class"], row["chronic"]) == ("A", "1")
