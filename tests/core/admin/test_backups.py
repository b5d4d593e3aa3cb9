"""What the administrator reads of backups and restores."""

from datetime import datetime, timedelta

from portal.core.admin import backups
from portal.keeping.models import Backup, Generation
from portal.settings import clinic
from tests.factories import make_specialty, make_staff


def made(at: datetime, problem: str = "") -> Backup:
    return Backup.create(taken_at=at, finished_at=at, place="/x.tar", size=1, files=0, verified=True, problem=problem)


def test_the_overview_shows_the_age_of_the_newest_backup(db, now, sign_in):
    page = sign_in(make_staff("admin"))
    assert "Last backup" not in page.get("/admin").text
    made(now - timedelta(hours=7))
    assert "Last backup: 23 Nov 2026, 2:30 am (7 hours ago)" in page.get("/admin").text


def test_a_backup_older_than_a_day_is_an_alarm(db, now, sign_in):
    made(now - timedelta(hours=30))
    assert "The last backup that was verified is 30 hours old" in sign_in(make_staff("admin")).get("/admin").text


def test_a_place_without_any_backup_is_an_alarm(db, now):
    clinic.put("backup_place", "/mnt/backup")
    assert "No backup has been made yet in /mnt/backup" in "".join(backups.problems(now))


def test_a_backup_that_lacks_a_file_is_told(db, now):
    made(now, "records/x is missing")
    assert list(backups.problems(now)) == ["The last backup lacks something: records/x is missing"]


def test_a_restore_names_for_a_week_the_numbers_that_were_lost(db, now, sign_in):
    make_specialty("medicine")
    lost = [
        ["token-medicine-2026-11-23", 35, 41],
        ["token-gone-2026-11-22", 7, 7],
        ["referral", 12, 12],
        ["rx-202611", 3, 5],
        ["patient", 8, 9],
        ["other", 1, 2],
    ]
    Generation.create(taken_at=now - timedelta(hours=2), restored_at=now, lost=lost)
    page = sign_in(make_staff("admin")).get("/admin").text
    assert "the backup of 23 Nov 2026, 7:30 am was restored" in page
    for words in (
        "MED-035 to MED-041 of 23 Nov 2026",
        "gone-007 of 22 Nov 2026",
        "REF-000012",
        "RX-202611-000003 to RX-202611-000005",
        "patient IDs: 2",
        "other 1 to other 2",
    ):
        assert words in page
    assert list(backups.of_restore(now + timedelta(days=8))) == []
