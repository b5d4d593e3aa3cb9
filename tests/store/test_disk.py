"""Disk space: the low-water mark and the reserve file."""

import os
import shutil
from collections import namedtuple

import pytest

from portal.store import disk
from portal.store.disk import MB, NAME

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def room(tmp_path, monkeypatch):
    """room(free, total): set the bytes of the data folder's file system."""
    disk.install(tmp_path)

    def set_room(free: int, total: int = 100_000 * MB) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(total, total - free, free))

    yield set_room
    disk.install(tmp_path)


def reserve(tmp_path) -> int | None:
    path = tmp_path / NAME
    return path.stat().st_size if path.exists() else None


def test_the_low_water_mark_is_200_mb_or_a_twentieth_of_a_small_disk(room):
    room(250 * MB)
    assert (disk.low_mark(), disk.has_room(), disk.has_room(60 * MB)) == (200 * MB, True, False)
    room(199 * MB)
    assert not disk.has_room()
    room(60 * MB, total=1000 * MB)
    assert (disk.low_mark(), disk.has_room(), disk.has_room(11 * MB)) == (50 * MB, True, False)


def test_the_reserve_is_allocated_once_while_there_is_space(room, tmp_path, monkeypatch):
    room(50 * MB, total=100 * MB)
    disk.keep_reserve()
    assert reserve(tmp_path) == 5 * MB // 4
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0
    monkeypatch.setattr(os, "posix_fallocate", None)
    disk.keep_reserve()


def test_no_reserve_is_allocated_near_the_low_water_mark(room, tmp_path):
    room(6 * MB, total=100 * MB)
    disk.keep_reserve()
    assert reserve(tmp_path) is None


def test_a_partial_reserve_is_deleted(room, tmp_path, monkeypatch):
    def half(descriptor, offset, size):
        os.write(descriptor, b"half")
        raise OSError(28, "No space left on device")

    room(50 * MB, total=100 * MB)
    monkeypatch.setattr(os, "posix_fallocate", half)
    with pytest.raises(OSError, match="No space"):
        disk.keep_reserve()
    assert reserve(tmp_path) is None


def test_the_reserve_is_released_on_a_full_disk_and_allocated_again_later(room, tmp_path):
    room(50 * MB, total=100 * MB)
    disk.keep_reserve()
    room(MB // 4, total=100 * MB)
    disk.keep_reserve()
    assert reserve(tmp_path) is None
    assert not disk.give_way()
    room(50 * MB, total=100 * MB)
    disk.keep_reserve()
    assert reserve(tmp_path) == 5 * MB // 4
    assert disk.give_way()


def test_an_unwritable_folder_is_detected(room, tmp_path):
    assert disk.is_writable()
    disk.install(tmp_path / "gone")
    assert not disk.is_writable()
