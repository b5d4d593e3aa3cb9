"""What a store of files can do. A key is a folder and a name, such as `records/x`; quarantine has deeper ones."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO, Protocol

CHUNK = 256 * 1024


class StoreDown(OSError):
    """The store cannot be used now: unreachable, its bucket missing, or access refused. Says nothing of any file."""


@dataclass(frozen=True)
class Written:
    """What was written: size in bytes, and SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Found:
    """A file that is there: its key, size in bytes, and when it was written (seconds since 1970)."""

    key: str
    size: int
    written_at: float

    @property
    def name(self) -> str:
        """The last part of its key."""
        return self.key.rpartition("/")[2]


def nothing() -> None:
    """Do nothing."""


class FileStore(Protocol):
    """Keeps files under keys. A file has its key only when all of it is durable. Every failure is an OSError."""

    @property
    def address(self) -> str:
        """Its address, for people."""

    def write(self, key: str, stream: IO[bytes], before_naming: Callable[[], None] = nothing) -> Written:
        """Write a stream, replacing what had the key; nothing is left of what fails.

        `before_naming` is called when all is written, and nothing named yet.
        """

    def reading(self, key: str) -> AbstractContextManager[tuple[IO[bytes], int]]:
        """Open a file; yields its content and its size. Raises FileNotFoundError, or StoreDown."""

    def has(self, key: str) -> bool:
        """Is it there?"""

    def listed(self, folder: str) -> Iterator[Found]:
        """List what lies under a folder, at any depth."""

    def delete(self, key: str) -> None:
        """Delete a file. Idempotent."""

    def move(self, key: str, to: str) -> None:
        """Give a file another key."""

    def has_room(self) -> bool:
        """Is there room for more?"""

    def probe(self) -> None:
        """Write, read and delete a file of its own. Raises OSError with what is wrong."""
