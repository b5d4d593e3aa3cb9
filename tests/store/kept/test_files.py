"""Files that rows name: registered by their rooms, and not deleted while a backup is made."""

import threading
from pathlib import Path

import pytest

from portal.config import Config
from portal.store.kept import files
from portal.store.kept.files import Busy, delete, delete_deferred, held


@pytest.fixture
def path(app, config: Config) -> Path:
    """A file that no row names."""
    found = config.data_dir / "prescriptions" / "x"
    found.parent.mkdir()
    found.write_bytes(b"content")
    return found


def test_a_file_is_deleted_at_once_when_no_backup_is_made(path):
    delete(path)
    assert not path.exists()
    delete(path)  # idempotent


def test_deletions_wait_for_the_end_of_a_backup(path):
    with held():
        delete(path)
        delete_deferred()  # the sweep, meanwhile
        assert path.read_bytes() == b"content"
    assert not path.exists()


def test_what_a_killed_backup_left_noted_is_deleted_by_the_sweep(path, config):
    (config.data_dir / files.DEFERRED).write_text("prescriptions/x\n../outside\nprescriptions/never\n")
    (config.data_dir.parent / "outside").write_text("not ours")
    delete_deferred()
    assert not path.exists()
    assert (config.data_dir.parent / "outside").exists()
    assert not (config.data_dir / files.DEFERRED).exists()


def test_one_backup_at_a_time(app):
    found = []

    def second() -> None:
        with pytest.raises(Busy), held():
            found.append("began")

    with held():
        other = threading.Thread(target=second)
        other.start()
        other.join()
    assert found == []
    with held():
        pass
