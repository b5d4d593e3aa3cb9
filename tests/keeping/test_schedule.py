"""The daily backup: when it is due, which old ones go, and when its age is alarming."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from portal.base.errors import Invalid
from portal.keeping import schedule
from portal.keeping.models import Backup
from portal.settings import clinic
from portal.work import throttle
from tests.conftest import FakeClock


def made(at: datetime, place: str = "/x/paramarsh-20261123T020000.tar", *, verified: bool = True) -> Backup:
    row: Backup = Backup.create(taken_at=at, finished_at=at, place=place, size=1, files=0, verified=verified)
    return row


@pytest.fixture
def folder(db, tmp_path: Path) -> Path:
    """A folder for backups, named in the settings."""
    found = tmp_path / "backups"
    found.mkdir()
    clinic.put("backup_place", str(found))
    return found


def test_without_a_place_no_backup_is_due_and_none_is_stale(db, now):
    assert not schedule.is_due(now)
    assert not schedule.is_stale(now)


def test_a_backup_is_due_once_a_day_from_its_hour_in_india(folder, now):
    clinic.put("backup_hour", "2")
    assert schedule.is_due(now)  # 9:30, and none yet
    at_two = now.replace(hour=20, minute=30) - timedelta(days=1)  # 2:00 in India
    made(at_two + timedelta(minutes=1))
    assert not schedule.is_due(now)
    assert not schedule.is_due(at_two + timedelta(days=1) - timedelta(minutes=1))
    assert schedule.is_due(at_two + timedelta(days=1))


def test_a_backup_that_was_not_verified_does_not_count(folder, now):
    made(now - timedelta(minutes=1), verified=False)
    assert schedule.is_due(now)
    assert schedule.newest() is None


def test_a_backup_older_than_a_day_is_stale(folder, now):
    assert schedule.is_stale(now)
    made(now - timedelta(hours=24))
    assert not schedule.is_stale(now)
    assert schedule.is_stale(now + timedelta(hours=2))


def test_the_worker_starts_it_once_and_tries_again_after_an_hour(folder, clock: FakeClock, monkeypatch):
    started = []
    monkeypatch.setattr(schedule.COMMAND, "start", lambda: started.append(clock.now()))
    for _minute in range(59):
        schedule.back_up_when_due(clock.now())
        clock.tick(60)
    assert len(started) == 1
    clock.tick(120)
    schedule.back_up_when_due(clock.now())
    assert len(started) == 2
    assert throttle.count("backup", within=timedelta(hours=2), now=clock.now()) == 2


def test_old_backups_are_deleted_only_behind_enough_verified_ones(folder, now):
    clinic.put("backups_kept", "2")
    files = [folder / f"paramarsh-202611{day:02d}T020000.tar" for day in (18, 19, 20, 21)]
    for file, days, verified in zip(files, (5, 4, 3, 2), (True, True, True, False), strict=True):
        file.write_text("x")
        made(now - timedelta(days=days), str(file), verified=verified)
    other = folder / "by-hand.tar"
    other.write_text("x")
    made(now - timedelta(days=9), str(other))
    assert schedule.delete_old() == 1
    assert [file.exists() for file in files] == [False, True, True, True]
    assert other.exists()
    assert schedule.delete_old() == 0


@pytest.mark.parametrize("text", ["backups", "ftp://host/x", "./x"])
def test_a_place_that_is_neither_folder_nor_address_is_refused(db, text):
    with pytest.raises(Invalid, match="folder that begins with /"):
        clinic.put("backup_place", text)
