"""File store: atomic and synced writes; a failed write raises and leaves no partial file."""

import errno
import os
from io import BytesIO
from pathlib import Path

import pytest

from portal.base.errors import Unavailable
from portal.core.records import files
from portal.store import disk
from portal.store.db import write
from portal.store.filing import current


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    disk.install(tmp_path)
    current.install("", tmp_path, {})
    return tmp_path / "records"


def test_a_stored_file_is_complete_and_its_name_random(folder):
    stored = files.store(BytesIO(b"content"))
    assert files.intact(stored.name, stored.sha256) == b"content"
    assert len(stored.name) == 22
    assert [path.name for path in folder.iterdir()] == [stored.name]


def test_one_changed_byte_fails_the_checksum(folder):
    stored = files.store(BytesIO(b"content"))
    (folder / stored.name).write_bytes(b"c0ntent")
    assert files.intact(stored.name, stored.sha256) is None


def test_the_rename_survives_a_power_cut(folder, monkeypatch):
    folder.mkdir()
    synced = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.readlink(f"/proc/self/fd/{descriptor}")))
    stored = files.store(BytesIO(b"content"))
    assert synced == [str(folder / f"{stored.name}.part"), str(folder)]


def test_no_file_is_written_inside_a_transaction(db):
    with write(), pytest.raises(RuntimeError, match="inside a transaction"):
        files.store(BytesIO(b"content"))


def test_a_new_folder_survives_a_power_cut_with_its_first_file(folder, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.readlink(f"/proc/self/fd/{descriptor}")))
    files.store(BytesIO(b"content"))
    assert str(folder.parent) in synced


class Full:
    """A stream during which the disk becomes full."""

    def __init__(self) -> None:
        self.parts = [b"first part"]

    def read(self, size: int) -> bytes:
        if self.parts:
            return self.parts.pop()
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_raises_and_leaves_no_partial_file(folder):
    with pytest.raises(Unavailable, match="no room"):
        files.store(Full())
    assert list(folder.iterdir()) == []


def test_a_read_only_disk_raises(tmp_path):
    (tmp_path / "records").write_text("a file where the folder should be")
    disk.install(tmp_path)
    current.install("", tmp_path, {})
    with pytest.raises(Unavailable):
        files.store(BytesIO(b"content"))
