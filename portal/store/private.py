"""The data folder: nobody else reads it, and what is written there is whole and outlives a power cut."""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

PRIVATE = 0o077  # what others of this machine may do with our files: nothing


def sync_folder(folder: Path) -> None:
    """A new name in a folder must survive a power cut too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def name_whole(partial: Path, path: Path) -> None:
    """Give a file that is written and synced its name: whoever opens it finds all of it, after a power cut too."""
    partial.rename(path)
    sync_folder(path.parent)


def intact(path: Path, sha256: str) -> bytes | None:
    """The file's bytes while they are still those that were kept, else None."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None


def make_folder(folder: Path) -> None:
    """A folder whose own name survives a power cut, with what will lie in it."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        sync_folder(folder.parent)


def keep_private(*places: Path) -> None:
    """New files of this process are for its user alone, and so is what these places hold already.

    Raises PermissionError, with a sentence, for a place that belongs to somebody else or to everybody.
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
    """Symbolic links are left alone: what they lead to is not ours to change."""
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
    except FileNotFoundError:  # another process has just taken it away
        return
