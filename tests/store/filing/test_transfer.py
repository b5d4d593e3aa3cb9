"""Moving files from one store to another and back: verified, resumable, nothing replaced."""

import hashlib
from datetime import UTC, datetime
from io import BytesIO

import pytest

from portal.store.filing import transfer
from portal.store.filing.bucket import Bucket
from portal.store.filing.folder import Folder

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
CONTENTS = {"records/a": b"a record", "records/b": b"another", "prescriptions/p.pdf": b"%PDF"}
NAMED = [(key, hashlib.sha256(content).hexdigest()) for key, content in CONTENTS.items()]


@pytest.fixture
def source(tmp_path):
    """A folder with files that rows name, and a slip that none does."""
    place = Folder(tmp_path / "old")
    for key, content in (CONTENTS | {"slips/one": b"a slip"}).items():
        place.write(key, BytesIO(content))
    return place


def moved(source, target, *, delete=False):
    return transfer.move(source, target, NAMED, delete=delete, now=NOW, told=lambda _done: None)


def everything(place):
    found = {}
    for folder in (*transfer.FOLDERS, transfer.QUARANTINE):
        for each in place.listed(folder):
            with place.reading(each.key) as (stream, _size):
                found[each.key] = stream.read()
    return found


def test_all_files_are_brought_to_a_bucket_and_back(source, bucket: Bucket, tmp_path):
    brought = moved(source, bucket)
    assert (brought.new, brought.same, brought.problems) == (4, 0, [])
    assert everything(bucket) == everything(source) == CONTENTS | {"slips/one": b"a slip"}
    back = Folder(tmp_path / "back")
    assert moved(bucket, back, delete=True).deleted == 4
    assert everything(back) == everything(source)
    assert everything(bucket) == {}


def test_a_further_run_brings_only_what_is_missing(source, bucket):
    transfer.bring(source, bucket, *NAMED[0], now=NOW)
    source.write("records/half.part", BytesIO(b"being written"))
    brought = moved(source, bucket)
    assert (brought.new, brought.same) == (3, 1)
    again = moved(source, bucket)
    assert (again.new, again.same) == (0, 3)


def test_a_damaged_file_is_named_and_stays_where_it_is(source, bucket):
    (source.root / "records" / "a").write_bytes(b"changed")
    (source.root / "records" / "b").unlink()
    brought = moved(source, bucket, delete=True)
    told = ["records/a is damaged, and stays where it is", "records/b is missing, and stays where it is"]
    assert brought.problems == told
    assert source.has("records/a")


def test_what_another_file_has_under_the_same_key_is_set_aside(source, bucket):
    bucket.write("records/a", BytesIO(b"of before"))
    moved(source, bucket)
    found = everything(bucket)
    assert (found["records/a"], found["quarantine/2026-11-23/records/a"]) == (b"a record", b"of before")


def test_a_deletion_waits_for_the_file_to_be_read_at_its_new_place(source, tmp_path):
    class Forgetful(Folder):
        """Loses what it was given."""

        def write(self, key, stream, before_naming=lambda: None):
            written = super().write(key, stream, before_naming)
            self.delete(key)
            return written

    brought = moved(source, Forgetful(tmp_path / "new"), delete=True)
    assert (brought.deleted, len(brought.problems)) == (0, 4)
    assert len(everything(source)) == 4
