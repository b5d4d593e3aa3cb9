"""Quarantine of orphaned files: kept for 30 days, in any store; other folders are left alone."""

from datetime import UTC, datetime

import pytest

from portal.store import quarantine
from portal.store.quarantine import Orphans

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.fixture
def folder(db, config):
    return config.data_dir / "quarantine"


def _none(names):
    return set()


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
    assert quarantine.count() == Orphans(set_aside=1, left=0)


def test_the_count_of_what_is_left_goes_with_the_files(folder, config):
    place = config.data_dir / "records"
    place.mkdir()
    for number in range(quarantine.FEW + 1):
        (place / f"stray-{number}").touch()
    later = datetime.now(UTC) + 2 * quarantine.OLD
    quarantine.quarantine_orphans("records", _none, now=later)
    assert quarantine.count() == Orphans(set_aside=0, left=quarantine.FEW + 1)
    (place / "stray-0").unlink()
    quarantine.quarantine_orphans("records", _none, now=later)
    assert quarantine.count() == Orphans(set_aside=quarantine.FEW, left=0)


def test_names_are_asked_for_a_batch_at_a_time_and_only_of_older_files(folder, config, monkeypatch):
    monkeypatch.setattr(quarantine, "AT_ONCE", 3)
    place = config.data_dir / "records"
    place.mkdir()
    for number in range(7):
        (place / f"known-{number}").touch()
    asked = []

    def known(names):
        asked.append(len(names))
        return names

    quarantine.quarantine_orphans("records", known, now=datetime.now(UTC))
    assert asked == []
    quarantine.quarantine_orphans("records", known, now=datetime.now(UTC) + 2 * quarantine.OLD)
    assert (asked, len(list(place.iterdir()))) == ([3, 3, 1], 7)
