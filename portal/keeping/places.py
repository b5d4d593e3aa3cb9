"""Where a backup lies: a file, or an object in a store that speaks S3."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Protocol

from portal.keeping.archive import Output
from portal.keeping.manifest import Unusable
from portal.store.private import name_whole


class Place(Protocol):
    """Something to write a backup to, once, and to read it from."""

    @property
    def name(self) -> str:
        """Its address, for people."""

    @contextmanager
    def writing(self) -> Iterator[Output]:
        """Yield what to write to; the backup has its name only when the block ends well."""

    @contextmanager
    def reading(self) -> Iterator[IO[bytes]]:
        """Yield its content."""

    def delete(self) -> None:
        """Delete it. Idempotent."""


class File:
    """A file. While it is written it is called `….part`; it replaces nothing."""

    def __init__(self, path: Path) -> None:
        self._path, self.name = path, str(path)

    @contextmanager
    def writing(self) -> Iterator[Output]:
        """Write durably; nothing is left of what failed. Raises Unusable for a file that is there already."""
        if self._path.exists():
            raise Unusable(f"{self._path} exists; a backup replaces nothing. Choose another name.")
        partial = self._path.with_name(f"{self._path.name}.part")
        try:
            with partial.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            name_whole(partial, self._path)
        except BaseException:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise

    @contextmanager
    def reading(self) -> Iterator[IO[bytes]]:
        """Open it."""
        with self._path.open("rb") as file:
            yield file

    def delete(self) -> None:
        """Delete it. Idempotent."""
        self._path.unlink(missing_ok=True)


def place_of(address: str) -> Place:
    """Return the place of an address: a path, or an address with a scheme."""
    scheme, found, _rest = address.partition("://")
    if not found:
        return File(Path(address).absolute())
    raise Unusable(f"{scheme}:// is not known; a backup goes to a file.")
