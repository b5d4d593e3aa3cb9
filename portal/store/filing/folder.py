"""Files in a folder: of this machine, or one that all nodes mount."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from portal.store import disk
from portal.store.filing.kinds import CHUNK, Found, Written, nothing
from portal.store.private import make_folder, name_whole

PART = ".part"


class Folder:
    """A folder. While a file is written it is called `….part`; then it gets its name in one step, and durably."""

    def __init__(self, root: Path) -> None:
        self.root, self.address = root, str(root)

    def write(self, key: str, stream: IO[bytes], before_naming: Callable[[], None] = nothing) -> Written:
        """Write a stream atomically and durably, with its folder."""
        path = self.root / key
        make_folder(path.parent)
        partial = path.with_name(f"{path.name}{PART}")
        try:
            written = _write(stream, partial)
            before_naming()
            name_whole(partial, path)
        except OSError:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise
        return written

    @contextmanager
    def reading(self, key: str) -> Iterator[tuple[IO[bytes], int]]:
        """Open a file. Raises FileNotFoundError."""
        with (self.root / key).open("rb") as file:
            yield file, os.fstat(file.fileno()).st_size

    def has(self, key: str) -> bool:
        """Is it there?"""
        return (self.root / key).is_file()

    def listed(self, folder: str) -> Iterator[Found]:
        """List what lies under a folder, also what is being written."""
        for entry in _entries(self.root / folder):
            with suppress(FileNotFoundError):  # deleted meanwhile
                found = entry.stat()
                yield Found(Path(entry.path).relative_to(self.root).as_posix(), found.st_size, found.st_mtime)

    def delete(self, key: str) -> None:
        """Delete a file, and the folders of quarantine that it leaves empty. Idempotent."""
        path = self.root / key
        path.unlink(missing_ok=True)
        for parent in path.relative_to(self.root).parents[:-2]:
            with suppress(OSError):
                (self.root / parent).rmdir()

    def move(self, key: str, to: str) -> None:
        """Rename a file."""
        target = self.root / to
        target.parent.mkdir(parents=True, exist_ok=True)
        (self.root / key).rename(target)

    def has_room(self) -> bool:
        """Would a file leave what is reserved for the database?"""
        return disk.has_room()

    def probe(self) -> None:
        """Write a file without a name."""
        self.root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self.root) as file:
            file.write(b"ok")
            file.flush()
            os.fsync(file.fileno())


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Yield the files under a folder, one at a time: of a million, a list would take the memory of the worker."""
    try:
        found = os.scandir(folder)
    except FileNotFoundError:
        return
    with found:
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                yield from _entries(Path(entry.path))
            elif entry.is_file():
                yield entry


def _write(stream: IO[bytes], path: Path) -> Written:
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        while chunk := stream.read(CHUNK):
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        file.flush()
        os.fsync(file.fileno())
    return Written(size, digest.hexdigest())
