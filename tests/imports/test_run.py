"""Imports are audited with their kind; a dry run is rolled back and not audited."""

import pytest

from portal.core.beneficiaries.models import RegisterEntry
from portal.core.clinic.models import Specialty
from portal.core.register import lists
from portal.imports.run import run_import
from portal.work.audit import SYSTEM
from tests.factories import make_entry, make_specialty
from tests.noted import noted


@pytest.mark.parametrize(("dry_run", "notes"), [(False, [("Imported", SYSTEM, "holidays")]), (True, [])])
def test_an_import_is_audited(db, now, tmp_path, dry_run, notes):
    table = tmp_path / "holidays.csv"
    table.write_text("day,name\n2026-12-25,Christmas\n")
    assert noted(lambda: run_import("holidays", table, dry_run=dry_run, now=now)) == notes


@pytest.mark.parametrize(
    ("cell", "is_private", "refused"), [("yes", True, 0), ("no", False, 0), ("", True, 0), ("perhaps", True, 1)]
)
def test_specialties_say_whether_they_are_private(db, now, tmp_path, cell, is_private, refused):
    make_specialty("psychiatry")
    table = tmp_path / "specialties.csv"
    table.write_text(f"code,prefix,name,is_private\npsychiatry,PSY,Psychiatry,{cell}\n")
    report = run_import("specialties", table, dry_run=False, now=now)
    assert len(report.refused) == refused
    assert Specialty.get(Specialty.code == "psychiatry").is_private == is_private


def test_an_export_of_the_register_can_be_imported_again(db, now, tmp_path, monkeypatch):
    monkeypatch.setattr(lists, "BATCH", 1)
    make_entry()
    make_entry(name="Sita, Devi", name_hi="", has_disability=True)
    before = list(RegisterEntry.select().order_by(RegisterEntry.id).dicts())
    path = tmp_path / "register.csv"
    path.write_text("".join(lists.exported(lists.Wish())), encoding="utf-8", newline="")
    report = run_import("beneficiaries", path, dry_run=False, now=now)
    assert (report.taken, report.refused) == (2, [])
    assert list(RegisterEntry.select().order_by(RegisterEntry.id).dicts()) == before
