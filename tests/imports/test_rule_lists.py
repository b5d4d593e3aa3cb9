"""Tables of law and safety: imported whole, signed off, with a preview, and kept by number."""

import pytest

from portal.base.errors import Invalid
from portal.core.formulary import barred, classes, search, versions
from portal.core.lists import rules as rule_lists
from portal.core.prescribing.safety import tables as safety
from portal.core.prescriptions.models import PrescribedItem
from portal.core.rules import checking, tables
from portal.core.rules.models import RuleTable
from portal.imports.run import Report, run_import
from portal.work.events import Event
from tests.consulting import make_drug, make_prescription

SIGNED = "Dr A. Rao, DMC-18230"


@pytest.fixture(autouse=True)
def packaged():
    """Leave the packaged tables in force in this process."""
    yield
    tables.install(tables.InForce())


@pytest.fixture
def load(db, tmp_path, now):
    """load(kind, text): import a table."""

    def load(kind: str, text: str, *, signed: str = SIGNED, dry_run: bool = False) -> Report:
        path = tmp_path / f"{kind}.csv"
        path.write_text(text, "utf-8")
        return run_import(kind, path, dry_run=dry_run, now=now, signed_by=signed)

    return load


def with_line(kind: str, line: str) -> str:
    return tables.packaged(rule_lists.NAMES[kind]) + line + "\n"


@pytest.mark.parametrize("kind", sorted(rule_lists.NAMES.keys() - {"icd10"}))  # which is delivered empty
def test_a_table_as_delivered_changes_nothing(load, kind: str) -> None:
    report = load(kind, rule_lists.table_of(kind, 0))
    assert (report.refused, RuleTable.select().count()) == ([], 0)
    assert not [line for line in report.changes if line.startswith(("added", "changed", "REMOVED"))]


def test_a_substance_that_is_added_is_barred_at_once_and_the_version_is_kept(load, now) -> None:
    make_drug("Paracetamol")
    assert versions.in_force().named_barred("Zeburol 5 mg") is None
    digest = barred.version()
    report = load("barred", with_line("barred", "Zeburol,zebu,NDPS narcotic,110ZZZ,S.O. 1(E) of 2026,"))
    assert "added: Zeburol · NDPS narcotic" in report.changes
    assert report.changes[-1] == "version 1 of the tables: 1 added, 0 changed, 0 removed"
    assert versions.in_force().named_barred("Tab. zebu 5 mg") == "Zeburol"
    assert [found.drug.tele_class for found in search.find("zeburol")] == [classes.PROHIBITED]
    assert barred.version() != digest
    row = RuleTable.get()
    assert (row.name, row.signed_by, row.imported_at) == ("barred", SIGNED, now)
    make_prescription(now)
    assert PrescribedItem.get().judged["rules"] == "1"


def test_a_preview_names_what_changes_and_changes_nothing(load) -> None:
    text = tables.packaged("barred").replace("Alprazolam,", "Alprazolam,alzo", 1)
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith("Tramadol,")]
    report = load("barred", "".join(lines), signed="", dry_run=True)
    assert any(line.startswith("changed: Alprazolam · NDPS psychotropic: aliases") for line in report.changes)
    assert any(line.startswith("REMOVED: Tramadol") for line in report.changes)
    assert (RuleTable.select().count(), Event.select().where(Event.name == "Imported").count()) == (0, 0)
    assert versions.in_force().named_barred("Tramadol") == "Tramadol"


def test_a_line_that_needs_a_sign_off_says_so(load) -> None:
    report = load("barred", with_line("barred", "Zeburol,,NDPS narcotic,,not opened,exempt preparation?"))
    assert "NEEDS A CLINICIAN'S SIGN-OFF: Zeburol · NDPS narcotic: exempt preparation?" in report.changes
    assert "27 of 256 lines are left to a clinician's sign-off" in report.changes


def test_without_a_name_that_signs_it_off_nothing_is_imported(load) -> None:
    with pytest.raises(Invalid, match="Say who signs"):
        load("safety-doses", with_line("safety-doses", "zeburol,10,5,label"), signed=" ")
    assert RuleTable.select().count() == 0


def test_a_rule_of_safety_is_in_force_after_its_import_and_an_older_table_can_be_read(load) -> None:
    load("safety-doses", with_line("safety-doses", "zeburol,10,5,label"))
    load("safety-doses", with_line("safety-doses", "zeburol,20,5,label"))
    versions.in_force()
    assert safety.limits()["zeburol"].most_a_day == 20
    assert "zeburol,10,5,label" in rule_lists.table_of("safety-doses", 1)
    assert "zeburol,20,5,label" in rule_lists.table_of("safety-doses", 0)
    assert rule_lists.table_of("safety-pairs", 2) == tables.packaged("safety_pairs")
    with pytest.raises(Invalid, match="There is no version 3"):
        rule_lists.table_of("safety-doses", 3)


@pytest.mark.parametrize(
    ("kind", "line", "reason"),
    [
        ("barred", "Zeburol,,Some law,,source,", "law is 'Some law'"),
        ("barred", "Zeburol,,NDPS narcotic,,,", "source must not be empty"),
        ("barred", "Tramadol,,NDPS narcotic,,source,", "has the same name"),
        ("barred-names", "Nobody,Zebu,source,", "is no barred substance"),
        ("safety-doses", "zeburol,ten,5,label", "most_a_day_mg is 'ten'"),
        ("safety-groups", "nobody,", "members must not be empty"),
        ("safety-pairs", "new,ask,nsaid,nobody,why,क्यों,label", "no group of safety_groups has this name: nobody"),
        ("safety-pairs", "new,perhaps,nsaid,nsaid,why,क्यों,label", "tier is 'perhaps'"),
        ("safety-pairs", "new,ask,nsaid,nsaid,why,,label", "why and why_hi must not be empty"),
        ("safety-people", "new,ask,nsaid,,,why,क्यों,label", "below_age or state must be given"),
        ("safety-people", "new,ask,nsaid,ten,,why,क्यों,label", "below_age is 'ten'"),
        ("safety-allergies", "new,,nsaid,,label", "words must not be empty"),
    ],
)
def test_a_wrong_line_is_named_and_the_whole_table_refused(load, kind: str, line: str, reason: str) -> None:
    report = load(kind, with_line(kind, line))
    ((_number, said),) = report.refused
    assert reason in said
    assert (report.taken, RuleTable.select().count()) == (0, 0)


def test_a_table_without_a_column_or_without_a_line_is_refused(load) -> None:
    with pytest.raises(Invalid, match="no column"):
        load("barred", "name,law\nZeburol,NDPS narcotic\n")
    with pytest.raises(Invalid, match="no line"):
        load("barred", ",".join(checking.columns_of("barred")) + "\n")


def test_what_another_process_imported_is_in_force_at_the_next_look(load) -> None:
    load("barred", with_line("barred", "Zeburol,,NDPS narcotic,,source,"))
    tables.install(tables.InForce())  # as in a process that has not looked since
    assert versions.in_force().named_barred("Zeburol") == "Zeburol"
    RuleTable.delete().execute()
    assert versions.in_force().named_barred("Zeburol") is None
