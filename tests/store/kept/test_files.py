"""Files that rows name: registered by their rooms, and not deleted while a backup is made, by no node."""

from pathlib import Path

import pytest

from portal.config import Config
from portal.store.filing.notes import DeferredFile
from portal.store.kept.files import Busy, delete, delete_deferred, held
from tests.at_once import elsewhere

KEY = "prescriptions/x"


@pytest.fixture
def path(db, config: Config) -> Path:
    """A file that no row names."""
    found = config.data_dir / KEY
    found.parent.mkdir()
    found.write_bytes(b"content")
    return found


def test_a_file_is_deleted_at_once_when_no_backup_is_made(path):
    delete(KEY)
    assert not path.exists()
    delete(KEY)  # idempotent
    assert not DeferredFile.select().exists()


def test_deletions_wait_for_the_end_of_a_backup(path):
    with held():
        elsewhere(lambda: delete(KEY))
        elsewhere(delete_deferred)  # the sweep, meanwhile
        assert path.read_bytes() == b"content"
    assert not path.exists()
    assert not DeferredFile.select().exists()


def test_what_a_killed_backup_left_noted_is_deleted_by_the_sweep(path):
    for key in (KEY, "prescriptions/never"):
        DeferredFile.create(key=key)
    delete_deferred()
    assert not path.exists()
    assert not DeferredFile.select().exists()


def test_one_backup_at_a_time(path):
    def second() -> None:
        with held():
            pytest.fail("a second one began")

    with held(), pytest.raises(Busy):
        elsewhere(second)
    with held():
        pass
