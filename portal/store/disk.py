"""Disk space: a low-water mark, and a reserve file for the few rows that let people sign in (safety.md F13)."""

import os
import shutil
import tempfile
from pathlib import Path

import structlog

MB = 1024 * 1024
LOW, SMALL_PART = 200 * MB, 20  # low: less than this, or less than a twentieth of a small disk
NAME = "reserve"
log = structlog.get_logger(__name__)
_folder = Path("var")


def install(data_dir: Path) -> None:
    """Set the data folder (the application factory does)."""
    global _folder
    _folder = data_dir


def folder() -> Path:
    """Return the data folder, for files that are needed for a while only."""
    return _folder


def free() -> int:
    """Return the free bytes."""
    return shutil.disk_usage(_folder).free


def low_mark() -> int:
    """Return the low-water mark in bytes: below it no files are accepted, and what is left is for rows."""
    return min(LOW, shutil.disk_usage(_folder).total // SMALL_PART)


def has_room(size: int = 0) -> bool:
    """Would a file of `size` bytes leave the free space above the low-water mark?"""
    return free() - size >= low_mark()


def is_writable() -> bool:
    """Can files be written in the data folder?"""
    try:
        with tempfile.TemporaryFile(dir=_folder) as probe:
            probe.write(b"ok")
    except OSError:
        return False
    return True


def keep_reserve() -> None:
    """Allocate the reserve file while there is plenty of space, and delete it when there is next to none."""
    path, size = _folder / NAME, low_mark() // 4
    if free() < size // 4:
        give_way()
    elif not path.exists() and free() - size > low_mark():
        _set_aside(path, size)


def _set_aside(path: Path, size: int) -> None:
    """Allocate all of it or nothing: a partial reserve would be mistaken for a whole one. Raises OSError."""
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, size)
    except OSError:
        path.unlink()
        raise
    finally:
        os.close(descriptor)


def give_way() -> bool:
    """Delete the reserve file on a full disk, so that rows fit. False when it is gone already."""
    try:
        (_folder / NAME).unlink()
    except FileNotFoundError:
        return False
    log.error("disk_full_reserve_used", free_mb=free() // MB)
    return True
