"""An import of the formulary: what is refused, the preview of what changes, and the version it makes."""

from datetime import datetime
from pathlib import Path

import pytest

from portal.base.errors import Invalid
from portal.core.formulary import versions
from portal.core.formulary.classes import FORMULARY_FILE
from portal.core.formulary.models import FormularyVersion
from portal.core.lists.whole import FILE_COLUMNS, table_of
from portal.imports.run import DATA, Report, run_import
from tests.statements import statements as statements

HEAD = "name,form,strengths,tele_class,brands\n"
FIRST = "Paracetamol,tablet,500 mg,O,\nAmlodipine,tablet,5 mg,A,\nTimolol,eye drops,0.5 %,A,\n"
SECOND = "Paracetamol,tablet,500 mg|650 mg,O,Crocin\nAmlodipine,tablet,5 mg,B,\nZinc sulphate,syrup,20 mg/5 ml,,\n"


@pytest.fixture
def take(tmp_path: Path, db: None, now: datetime):
    """take(lines): import a list with these lines."""

    def take(lines: str, *, dry_run: bool = False) -> Report:
        path = tmp_path / "list.csv"
        path.write_text(HEAD + lines, encoding="utf-8")
        return run_import("formulary", path, dry_run=dry_run, now=now, by="anita")

    return take


def test_each_import_is_a_version_with_its_number_time_author_and_file(take, now: datetime) -> None:
    take(FIRST)
    take(SECOND)
    first, second = FormularyVersion.select().order_by(FormularyVersion.number)
    assert (first.number, first.added, first.changed, first.removed) == (1, 3, 0, 0)
    assert (second.number, second.added, second.changed, second.removed) == (2, 1, 2, 1)
    assert (second.imported_at, second.imported_by, second.file) == (now, "anita", "list.csv")


def test_a_dry_run_shows_what_changes_with_class_changes_marked_and_changes_nothing(take) -> None:
    take(FIRST)
    report = take(SECOND, dry_run=True)
    assert report.changes == [
        "added: Zinc sulphate (syrup), unclassified",
        "changed: Paracetamol (tablet): strengths '500 mg' -> '500 mg|650 mg', brands '' -> 'Crocin'",
        "CLASS CHANGED: Amlodipine (tablet): A -> B",
        "removed: Timolol (eye drops), A",
        "version 2: 1 added, 2 changed (1 in class), 1 removed",
    ]
    assert [row.name for row in versions.drugs_of(1)] == ["Amlodipine", "Paracetamol", "Timolol"]
    assert FormularyVersion.select().count() == 1


def test_the_same_list_again_makes_no_version(take) -> None:
    take(FIRST)
    assert take(FIRST).changes == []
    assert FormularyVersion.select().count() == 1


def test_any_version_can_be_exported_and_imported_again(take, tmp_path: Path, now: datetime) -> None:
    take(FIRST)
    take(SECOND)
    assert table_of(0) == table_of(2)
    path = tmp_path / "first.csv"
    path.write_text(table_of(1), encoding="utf-8")
    report = run_import("formulary", path, dry_run=False, now=now)
    assert (report.refused, report.taken) == ([], 3)
    assert table_of(3) == table_of(1)
    with pytest.raises(Invalid, match="no version 4"):
        table_of(4)


def test_the_exported_columns_are_those_of_the_packaged_file() -> None:
    assert FORMULARY_FILE.read_text("utf-8").partition("\n")[0] == ",".join(FILE_COLUMNS)


def test_a_column_that_the_file_lacks_stays_as_it_is(take, tmp_path: Path, now: datetime) -> None:
    take("Paracetamol,tablet,500 mg,O,Crocin\n")
    path = tmp_path / "old.csv"
    path.write_text("name,form,tele_class\nParacetamol,tablet,O\n", encoding="utf-8")
    assert run_import("formulary", path, dry_run=False, now=now).changes == []


def test_nothing_is_removed_while_a_line_is_refused(take) -> None:
    take(FIRST)
    report = take("Paracetamol,tablet,500 mg,C,\n")
    assert [line for line, _reason in report.refused] == [2]
    assert report.changes == ["nothing is removed while a line is refused"]
    assert len(versions.drugs_of(versions.newest().number)) == 3


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("Calamine,lotion,100 ml,A,\n", "'100 ml' is the size of a pack, not a strength"),
        ("Mupirocin,ointment,2 %|15 g,A,\n", "'15 g' is the size of a pack, not a strength"),
        ("Salmeterol + fluticasone,inhaler,25 mcg + 125 mcg,A,salmeterol\n", "one substance of Salmeterol"),
        ("Ultra,tablet,37.5 mg,A,Tramadol\n", "Tramadol may not be prescribed here"),
        ("Paracetamol + codeine,tablet,500 mg + 8 mg,O,\n", "Codeine may not be prescribed here"),
        ("Ibuprofen,tablet,400 mg,A,Brufen\nNaproxen,tablet,250 mg,A,Brufen\n", "one name cannot be two medicines"),
        ("Zinc,tablet,20 mg,O,\nZinc,tablet,10 mg,O,\n", "line 2 has the same name, form"),
    ],
)
def test_a_row_that_would_mislead_is_refused(take, lines: str, reason: str) -> None:
    (refused,) = take(lines).refused
    assert reason in refused[1]


def test_the_packaged_list_has_no_such_row(db: None, now: datetime) -> None:
    assert run_import("formulary", DATA / "formulary.csv", dry_run=True, now=now).refused == []
