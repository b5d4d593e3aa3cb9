"""The scrub: damaged files are found before somebody needs them, slowly, and no other file is called damaged."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from portal.keeping import scrub
from portal.keeping.models import Scrub
from portal.settings.backups import BackupRules
from portal.store.filing import current
from portal.store.filing.kinds import StoreDown
from portal.work import damage
from portal.work.damage import DamagedFile
from tests.consulting import make_prescription
from tests.core.rights.clearing.kept import store_record
from tests.factories import make_visit

RECORDS = "record"  # the table
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
RECORD_SIZE = len(b"%PDF-1.4 an old report")


@pytest.fixture
def rate(monkeypatch):
    """rate(bytes): read so many bytes a minute."""

    def rate(size: int) -> None:
        monkeypatch.setattr(BackupRules, "in_force", lambda: BackupRules(scrub_megabytes=1 if size else 0))
        monkeypatch.setattr(scrub, "MB", size)

    return rate


@pytest.fixture
def record(db, now):
    """record(): a record and its thumbnail, two files."""
    return lambda: store_record(now, visit=make_visit())


@pytest.fixture
def minute(queue, clock):
    """minute(): let the worker's next minute pass; returns what was read in this pass so far."""

    def minute(passing: timedelta = MINUTE) -> tuple[int, str]:
        clock.tick(passing.total_seconds())
        scrub.scrub_when_due(clock.now())
        queue.drain()
        row = Scrub.get_or_none()
        return (row.files, row.place) if row else (0, "")

    return minute


def path_of(config, row, folder="records"):
    return config.data_dir / folder / row.stored_name


def found() -> list[str]:
    return [f"{row.kind}/{row.uid}" for row in DamagedFile.select().order_by(DamagedFile.id)]


def flip(path) -> None:
    content = bytearray(path.read_bytes())
    content[5] ^= 1
    path.write_bytes(content)


def test_whole_files_are_read_to_the_last_and_none_is_found(record, minute, now):
    for _ in range(3):
        record()
    assert minute() == (6, "")
    assert found() == []
    row = Scrub.get()
    assert row.finished_at > now
    assert row.bytes == 3 * (RECORD_SIZE + len(b"a thumbnail"))


def test_a_flipped_bit_and_a_lost_file_are_found_named_and_forgotten_when_they_are_whole(record, minute, config):
    flipped, lost, whole = record(), record(), record()
    kept = path_of(config, flipped).read_bytes()
    flip(path_of(config, flipped))
    path_of(config, lost).rename(path_of(config, lost).with_suffix(".away"))
    with capture_logs() as lines:
        minute()
    assert found() == [f"records/{flipped.stored_name}", f"records/{lost.stored_name}"]
    assert damage.first() == f"records/{flipped.stored_name}"
    assert [line["key"] for line in lines if line["event"] == "file_damaged"] == found()
    assert whole.stored_name not in str(lines)

    path_of(config, flipped).write_bytes(kept)
    path_of(config, lost).with_suffix(".away").rename(path_of(config, lost))
    minute(DAY)
    assert found() == []


def test_prescriptions_are_read_too(db, usual_medicines, minute, queue, now, config):
    issued = make_prescription(now)
    queue.drain()
    issued = type(issued).get_by_id(issued.id)
    flip(path_of(config, issued, "prescriptions"))
    minute()
    assert found() == [f"prescriptions/{issued.stored_name}"]


def test_a_minute_reads_no_more_than_it_may_and_the_next_goes_on(record, minute, rate):
    rows = [record() for _ in range(4)]
    rate(2 * RECORD_SIZE)
    places = [minute() for _ in range(2)]
    assert places == [(2, RECORDS), (4, RECORDS)]
    assert len(rows) == 4


def test_a_file_larger_than_a_minute_is_paid_for_by_the_minutes_after_it(record, minute, rate):
    for _ in range(3):
        record()
    rate(RECORD_SIZE // 2)
    assert [minute()[0] for _ in range(6)] == [1, 1, 2, 2, 3, 3]


def test_a_pass_begins_a_day_after_the_last_one_began(record, minute, config):
    row = record()
    assert minute() == (2, "")
    flip(path_of(config, row))
    minute()
    minute(DAY - 3 * MINUTE)
    assert found() == []
    minute(3 * MINUTE)
    assert found() == [f"records/{row.stored_name}"]


def test_two_workers_do_not_read_the_same_minute(record, minute, queue, clock):
    record()
    minute()
    Scrub.update(place=RECORDS, last_id=0, next_at=clock.now()).execute()
    for _ in range(2):
        scrub.scrub_when_due(clock.now())
    assert queue.waiting == [("scrub_files", 1)]


def test_a_part_that_another_worker_has_saved_meanwhile_is_not_counted_again(record, minute, clock, monkeypatch):
    record()
    read = scrub._compare

    def compare(file):
        Scrub.update(version=Scrub.version + 1, files=100).execute()
        return read(file)

    monkeypatch.setattr(scrub, "_compare", compare)
    assert minute()[0] == 100


@pytest.mark.parametrize("change", ["deleted", "replaced"])
def test_a_file_that_goes_while_it_is_read_is_not_damaged(record, minute, config, monkeypatch, change):
    row, read = record(), scrub._compare

    def compare(file):
        if file.name == row.stored_name:
            path_of(config, row).unlink()
            if change == "deleted":
                row.delete_instance(recursive=True)
            else:
                type(row).update(stored_name="another", sha256="0" * 64).where(type(row).id == row.id).execute()
        return read(file)

    monkeypatch.setattr(scrub, "_compare", compare)
    minute()
    assert found() == []


def test_a_store_that_is_down_says_nothing_of_its_files(record, minute, monkeypatch):
    record()

    def down(key):
        raise StoreDown("no route")

    with monkeypatch.context() as away:
        away.setattr(type(current.store()), "reading", lambda store, key: down(key))
        minute()
    assert found() == []
    assert minute() == (2, "")


def test_a_disk_that_cannot_read_a_file_has_damaged_it(record, minute, monkeypatch):
    row = record()
    reading = current.store().reading

    def broken(store, key):
        if key.endswith(row.stored_name):
            raise OSError(5, "Input/output error")
        return reading(key)

    monkeypatch.setattr(type(current.store()), "reading", broken)
    minute()
    assert found() == [f"records/{row.stored_name}"]


def test_a_damaged_file_whose_row_is_deleted_is_forgotten(record, minute, config, now):
    row, other = record(), record()
    flip(path_of(config, row))
    flip(path_of(config, other))
    damage.note("record", "A" * 22, is_intact=False, now=now)  # as an older version noted it
    minute()
    row.delete_instance(recursive=True)
    minute(DAY)
    assert found() == [f"records/{other.stored_name}"]


def test_none_a_minute_reads_none(record, minute, rate):
    record()
    rate(0)
    assert minute() == (0, "")
    assert Scrub.select().count() == 0
