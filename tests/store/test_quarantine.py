"""Quarantine of orphaned files: kept for 30 days; other folders are left alone."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from portal.base import clock
from portal.checks import is_problem, run_checks
from portal.store import quarantine
from portal.work import heartbeat

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path):
    quarantine.install(tmp_path)
    return tmp_path / "quarantine"


def file_of(folder, day, name="a.pdf"):
    path = folder / day / "records" / name
    path.parent.mkdir(parents=True)
    path.write_text("x")
    return path


@pytest.mark.parametrize("odd", ["2026-99-99", "20200101", "my own copy", "2020-01-01x"])
def test_a_folder_that_is_not_a_date_is_left_alone(folder, odd):
    kept, old = file_of(folder, odd), file_of(folder, "2026-10-01")
    (folder / "2026-10-02").write_text("a file, not a folder")
    quarantine.end_of_quarantine(NOW)
    assert kept.exists()
    assert not old.parent.parent.exists()


def test_quarantine_expires_after_thirty_days_with_subfolders(folder):
    young, old = file_of(folder, "2026-10-24"), file_of(folder, "2026-10-23")
    (old.parent / "deeper").mkdir()
    (old.parent / "deeper" / "b.pdf").write_text("y")
    quarantine.end_of_quarantine(NOW)
    assert (young.exists(), old.parent.parent.exists()) == (True, False)


def test_a_few_orphans_are_a_note_and_many_are_a_problem(app, config, db):
    heartbeat.Heart().beat(has_queue=True)
    place, hour_ago = config.data_dir / "records", (clock.now() - timedelta(hours=2)).timestamp()
    place.mkdir(exist_ok=True)

    def orphans(count):
        for number in range(count):
            (place / f"{number}.pdf").write_text("x")
            os.utime(place / f"{number}.pdf", (hour_ago, hour_ago))
        quarantine.quarantine_orphans(place, list, now=clock.now())
        return {part: is_problem(found) for part, found in run_checks(config)}

    assert orphans(2).get("set aside") is False
    assert orphans(9)["orphans"] is True
