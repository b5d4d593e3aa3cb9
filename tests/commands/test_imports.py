"""Imports are audited with their kind; a dry run is rolled back and not audited."""

import pytest

from portal.commands.imports import run_import
from portal.work.audit import SYSTEM
from tests.noted import noted


@pytest.mark.parametrize(("dry_run", "notes"), [(False, [("Imported", SYSTEM, "holidays")]), (True, [])])
def test_an_import_is_audited(db, now, tmp_path, dry_run, notes):
    table = tmp_path / "holidays.csv"
    table.write_text("day,name\n2026-12-25,Christmas\n")
    assert noted(lambda: run_import("holidays", table, dry_run=dry_run, now=now)) == notes
