"""Classes and brands alone: merged into the medicines of the formulary, with their source."""

from datetime import datetime
from pathlib import Path

import pytest

from portal.core.formulary import versions
from portal.core.formulary.models import Drug
from portal.imports.run import Report, run_import
from tests.consulting import make_drug


@pytest.fixture
def take(tmp_path: Path, db: None, now: datetime):
    """take(kind, lines): import these lines into a list of three medicines."""
    make_drug("Paracetamol", source="NLEM 2022")
    make_drug("Paracetamol", form="syrup", strengths="125 mg/5 ml")
    make_drug("Ibuprofen", tele_class="A", brands="Brufen")

    def take(kind: str, lines: str, *, dry_run: bool = False) -> Report:
        path = tmp_path / f"{kind}.csv"
        path.write_text(lines, encoding="utf-8")
        return run_import(kind, path, dry_run=dry_run, now=now, by="anita")

    return take


def in_force(name: str, form: str) -> Drug:
    return Drug.get((Drug.name == name) & (Drug.form == form) & Drug.until.is_null())


def test_a_class_is_changed_in_a_version_of_its_own_and_marked(take) -> None:
    before = versions.newest().number
    report = take("classes", "name,tele_class,class_source\nibuprofen,B,TPG 2020 3.7.4 List B\n")
    assert report.changes[0] == "CLASS CHANGED: Ibuprofen (tablet): A -> B"
    assert (report.taken, versions.newest().number) == (1, before + 1)
    row = in_force("Ibuprofen", "tablet")
    assert (row.tele_class, row.class_source, row.brands) == ("B", "TPG 2020 3.7.4 List B", "Brufen")


def test_a_class_may_be_taken_away_and_a_dry_run_changes_nothing(take) -> None:
    before = versions.newest().number
    report = take("classes", "name,form,tele_class,class_source\nParacetamol,syrup,,\n", dry_run=True)
    assert report.changes[0] == "CLASS CHANGED: Paracetamol (syrup): O -> unclassified"
    assert versions.newest().number == before


def test_a_brand_is_added_to_every_form_or_to_the_one_that_is_named(take) -> None:
    take("brands", "name,brand,source,form\nParacetamol,Crocin,list A,\nParacetamol,Dolo,list B,tablet\n")
    assert (in_force("Paracetamol", "tablet").brands, in_force("Paracetamol", "syrup").brands) == (
        "Crocin|Dolo",
        "Crocin",
    )
    assert in_force("Paracetamol", "tablet").source == "NLEM 2022|list A|list B"


@pytest.mark.parametrize(
    ("kind", "lines", "reason"),
    [
        ("classes", "name,tele_class,class_source\nIbuprofen,B,\n", "a class needs its class_source"),
        ("classes", "name,tele_class,class_source\nIbuprofen,C,x\n", "tele_class is 'C'"),
        ("classes", "name,tele_class,class_source\nZeburol,A,x\n", "the formulary has no 'Zeburol'"),
        ("brands", "name,brand,source\nParacetamol,Brufen,x\n", "one name cannot be two medicines"),
        ("brands", "name,brand,source\nParacetamol,Corex,x\n", "Codeine may not be prescribed here"),
        ("brands", "name,brand,source\nParacetamol,Crocin,\n", "brand, source must not be empty"),
    ],
)
def test_a_line_that_cannot_be_right_is_refused(take, kind: str, lines: str, reason: str) -> None:
    before = versions.newest().number
    refused = take(kind, lines).refused
    assert reason in refused[0][1]
    assert refused[0][0] == 2
    assert versions.newest().number == before
