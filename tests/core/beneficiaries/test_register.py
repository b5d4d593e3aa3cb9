"""Imports: a dry run changes nothing, a wrong line is reported, a second import updates."""

from datetime import date

import pytest
from click.testing import CliRunner

from portal.base.errors import Invalid
from portal.commands.export import export
from portal.core.beneficiaries.models import RegisterEntry
from portal.core.clinic.models import Holiday
from portal.demo.register import write_register
from portal.imports.run import DATA, run_import
from tests.factories import make_centre

HEAD = "ben_id,name,name_hi,gender,date_of_birth,mobile,centre\n"
RAMESH = "1000001,Ramesh Kumar,रमेश कुमार,male,1985-05-05,9000000001,01\n"


@pytest.fixture
def csv_file(tmp_path, db):
    make_centre("01")

    def write(text: str):
        path = tmp_path / "register.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_valid_line_is_imported(csv_file, now):
    report = run_import("beneficiaries", csv_file(HEAD + RAMESH), dry_run=False, now=now)
    assert (report.taken, report.refused) == (1, [])
    assert RegisterEntry.get().mobile == "+919000000001"


def test_a_dry_run_reports_and_changes_nothing(csv_file, now):
    report = run_import("beneficiaries", csv_file(HEAD + RAMESH), dry_run=True, now=now)
    assert report.taken == 1
    assert not RegisterEntry.select().exists()


def test_a_wrong_line_is_reported_and_the_others_are_imported(csv_file, now):
    wrong = "1000002,Sita,सीता,woman,1985-05-05,12,99\n"
    report = run_import("beneficiaries", csv_file(HEAD + wrong + RAMESH), dry_run=False, now=now)
    assert report.taken == 1
    assert [number for number, _ in report.refused] == [2]


def test_a_second_import_updates_what_changed(csv_file, now):
    run_import("beneficiaries", csv_file(HEAD + RAMESH), dry_run=False, now=now)
    run_import("beneficiaries", csv_file(HEAD + RAMESH.replace("9000000001", "9000000002")), dry_run=False, now=now)
    assert [entry.mobile for entry in RegisterEntry.select()] == ["+919000000002"]


def test_a_file_without_a_header_is_refused_as_a_whole(csv_file, now):
    with pytest.raises(Invalid):
        run_import("beneficiaries", csv_file(RAMESH), dry_run=False, now=now)
    assert not RegisterEntry.select().exists()


def test_the_demo_register_can_be_imported(tmp_path, db, now):
    run_import("centres", DATA / "centres.csv", dry_run=False, now=now)
    write_register(tmp_path / "demo.csv", 300)
    report = run_import("beneficiaries", tmp_path / "demo.csv", dry_run=False, now=now)
    assert (report.taken, report.refused) == (300, [])
    first, third = (RegisterEntry.get(RegisterEntry.ben_id == str(1000000 + number)) for number in (1, 3))
    assert (first.mobile, first.centre.code, str(first.date_of_birth)) == ("+919000000001", "01", "1985-05-05")
    assert (third.mobile, third.centre.code, str(third.date_of_birth)) == ("+919000000001", "03", "1950-01-01")


@pytest.mark.parametrize("kind", ["centres", "specialties", "formulary"])
def test_importing_the_shipped_master_data_is_idempotent(db, now, kind):
    first, second = (run_import(kind, DATA / f"{kind}.csv", dry_run=False, now=now) for _ in range(2))
    assert first.refused == second.refused == []
    assert first.taken == second.taken > 4


def test_a_holiday_file_is_imported(tmp_path, db, now):
    path = tmp_path / "holidays.csv"
    path.write_text("day,name,name_hi\n2026-12-25,Christmas,क्रिसमस\nsoon,X,\n", encoding="utf-8")
    report = run_import("holidays", path, dry_run=False, now=now)
    assert (report.taken, len(report.refused)) == (1, 1)


def test_the_exported_default_holidays_can_be_imported(tmp_path, db, now):
    path = tmp_path / "holidays.csv"
    path.write_text(CliRunner().invoke(export, ["holidays", "--year", "2027"], catch_exceptions=False).stdout)
    report = run_import("holidays", path, dry_run=False, now=now)
    assert (report.refused, report.taken > 12) == ([], True)
    assert Holiday.get(Holiday.day == date(2027, 1, 26)).name_hi == "गणतंत्र दिवस"


@pytest.mark.parametrize("kind", ["centres", "specialties", "formulary"])
def test_the_default_lists_are_exported_in_the_import_format(kind):
    given = CliRunner().invoke(export, [kind], catch_exceptions=False).stdout
    assert given == (DATA / f"{kind}.csv").read_text("utf-8")


def test_imports_validate_codes_and_prefixes_as_the_pages_do(csv_file, now):
    file = csv_file("code,prefix,name\nskin,SK IN,Skin\nskin/2,SKN,Skin\nskin,SKN,Skin\n")
    report = run_import("specialties", file, dry_run=False, now=now)
    assert [reason.split(" is ")[0] for _line, reason in report.refused] == ["prefix", "code"]
    assert report.taken == 1


def test_a_name_of_two_hundred_letters_is_not_truncated(csv_file, now):
    name, hindi = "Ramesh " * 33 + "Kumar", "श्री " * 48 + "राम"
    long = RAMESH.replace("Ramesh Kumar", name).replace("रमेश कुमार", hindi)
    assert run_import("beneficiaries", csv_file(HEAD + long), dry_run=False, now=now).refused == []
    assert (RegisterEntry.get().name, RegisterEntry.get().name_hi) == (name, hindi)


def test_a_row_with_too_long_a_name_is_reported_and_the_others_are_imported(csv_file, now):
    file = csv_file("code,name\n03,Long " + "x" * 300 + "\n04,Sarojini Nagar\n")
    report = run_import("centres", file, dry_run=False, now=now)
    assert (report.taken, report.refused) == (1, [(2, "name is longer than 250 characters")])
