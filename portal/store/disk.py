"""Room on the disk: watched before it is gone, with a reserve for the few rows that let people in (safety.md F13)."""

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
    """Say where the data lies (the application factory does)."""
    global _folder
    _folder = data_dir


def free() -> int:
    """Bytes that are left."""
    return shutil.disk_usage(_folder).free


def low_mark() -> int:
    """With fewer bytes than this no files are taken any more: what is left is for rows."""
    return min(LOW, shutil.disk_usage(_folder).total // SMALL_PART)


def has_room(size: int = 0) -> bool:
    """May a file of this size come in?"""
    return free() - size >= low_mark()


def is_writable() -> bool:
    """Can files be made in the data folder?"""
    try:
        with tempfile.TemporaryFile(dir=_folder) as probe:
            probe.write(b"ok")
    except OSError:
        return False
    return True


def keep_reserve() -> None:
    """Set room aside while there is plenty, and give it back when there is next to none."""
    path, size = _folder / NAME, low_mark() // 4
    if free() < size // 4:
        give_way()
    elif not path.exists() and free() - size > low_mark():
        _set_aside(path, size)


def _set_aside(path: Path, size: int) -> None:
    """All of it, or nothing: a reserve of a few bytes would be taken for one. Raises OSError."""
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, size)
    except OSError:
        path.unlink()
        raise
    finally:
        os.close(descriptor)


def give_way() -> bool:
    """The disk is full: let rows have the reserve. False when it is used up already."""
    try:
        (_folder / NAME).unlink()
    except FileNotFoundError:
        return False
    log.error("disk_full_reserve_used", free_mb=free() // MB)
    return True
