"""Private files (umask 077) with atomic, durable writes (fsync, rename) in the data folder."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

PRIVATE = 0o077  # umask: no permissions for group and others


def sync_folder(folder: Path) -> None:
    """fsync a folder, so that a new name in it survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def name_whole(partial: Path, path: Path) -> None:
    """Rename a written and synced file into place atomically and durably."""
    partial.rename(path)
    sync_folder(path.parent)


def keep(path: Path, content: bytes, before_naming: Callable[[], None] = lambda: None) -> str:
    """Write a file under its name, atomically and durably, with its folder; return its SHA-256. Idempotent.

    `before_naming` is called when all is written and nothing named yet.
    """
    make_folder(path.parent)
    partial = path.with_name(f"{path.name}.part")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    before_naming()
    name_whole(partial, path)
    return hashlib.sha256(content).hexdigest()


def intact(path: Path, sha256: str) -> bytes | None:
    """Read a file and verify its SHA-256 checksum; None when it is missing or damaged."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None


def make_folder(folder: Path) -> None:
    """Create a folder durably, with its parents."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        sync_folder(folder.parent)


def keep_private(*places: Path) -> None:
    """Set the umask to 077, and remove group and others' permissions from all files under these places.

    Raises PermissionError, with a sentence, for what another user owns or everybody shares (sticky).
    """
    os.umask(PRIVATE)
    for place in places:
        for path in _under(place):
            _close(path)


def _under(place: Path) -> Iterator[Path]:
    if place.is_symlink() or not place.exists():
        return
    yield place
    for folder, folders, names in os.walk(place):
        yield from (Path(folder, name) for name in (*folders, *names))


def _close(path: Path) -> None:
    """Remove group and others' permissions from one file; never follow a symbolic link out of the folder."""
    try:
        found = path.lstat()
        mode = stat.S_IMODE(found.st_mode)
        if stat.S_ISLNK(found.st_mode) or not mode & PRIVATE:
            return
        if found.st_uid != os.geteuid() or mode & stat.S_ISVTX:
            raise PermissionError(
                f"{path} can be read by others and cannot be closed to them: it must belong to the portal's own user "
                f"(now it is {stat.filemode(found.st_mode)} of user {found.st_uid})."
            )
        path.chmod(mode & ~PRIVATE)
    except FileNotFoundError:  # deleted by another process meanwhile
        return
