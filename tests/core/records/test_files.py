"""Uploads are whole and on disk or not there; a disk that takes nothing is told, and nothing half stays."""

import errno
import os
from io import BytesIO
from pathlib import Path

import pytest

from portal.base.errors import Unavailable
from portal.core.records import files
from portal.store.db import write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files.install(tmp_path)
    return tmp_path / "records"


def test_a_stored_file_is_whole_and_its_name_says_nothing(folder):
    stored = files.store(BytesIO(b"content"))
    assert files.intact(stored.name, stored.sha256) == b"content"
    assert len(stored.name) == 22
    assert [path.name for path in folder.iterdir()] == [stored.name]


def test_one_changed_byte_is_noticed(folder):
    stored = files.store(BytesIO(b"content"))
    (folder / stored.name).write_bytes(b"c0ntent")
    assert files.intact(stored.name, stored.sha256) is None


def test_the_new_name_survives_a_power_cut_too(folder, monkeypatch):
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
    """A stream behind which the disk is full."""

    def __init__(self) -> None:
        self.parts = [b"first part"]

    def read(self, size: int) -> bytes:
        if self.parts:
            return self.parts.pop()
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_told_and_leaves_nothing_half(folder):
    with pytest.raises(Unavailable, match="no room"):
        files.store(Full())
    assert list(folder.iterdir()) == []


def test_a_disk_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "records").write_text("a file where the folder should be")
    files.install(tmp_path)
    with pytest.raises(Unavailable):
        files.store(BytesIO(b"content"))
