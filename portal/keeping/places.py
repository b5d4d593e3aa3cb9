"""Where a backup lies: a file, or an object in a store that speaks S3."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Protocol, cast

from portal.keeping.archive import Output
from portal.keeping.manifest import Unusable
from portal.store.private import name_whole

PART = 8 * 1024 * 1024  # bytes of a part: S3 takes 10,000 of them, so 80 GB


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


class S3:
    """An object in a store that speaks S3. Its address, region and keys are the environment's AWS_… variables.

    It streams in parts, and has its name only when all of them are there; what fails is called off.
    """

    def __init__(self, bucket: str, key: str) -> None:
        self._bucket, self._key, self.name = bucket, key, f"s3://{bucket}/{key}"

    @contextmanager
    def writing(self) -> Iterator[Output]:
        """Upload. Raises Unusable for an object that is there already, and with the store's words."""
        with self._translated() as (obstore, store):
            with suppress(FileNotFoundError):
                obstore.head(store, self._key)
                raise Unusable(f"{self.name} exists; a backup replaces nothing. Choose another name.")
            with obstore.open_writer(store, self._key, buffer_size=PART, max_concurrency=2) as output:
                yield output

    @contextmanager
    def reading(self) -> Iterator[IO[bytes]]:
        """Download."""
        with self._translated() as (obstore, store):
            yield cast(IO[bytes], _Download(obstore.open_reader(store, self._key, buffer_size=PART)))

    def delete(self) -> None:
        """Delete it. Idempotent."""
        with self._translated() as (obstore, store), suppress(FileNotFoundError):
            obstore.delete(store, self._key)

    @contextmanager
    def _translated(self) -> Iterator[tuple[Any, Any]]:
        try:
            obstore = import_module("obstore")
            exceptions = import_module("obstore.exceptions")
            store = import_module("obstore.store").S3Store(self._bucket)
        except ImportError as error:
            raise Unusable("The driver of S3 is not installed; type: pip install 'paramarsh[s3]'") from error
        try:
            yield obstore, store
        except (exceptions.BaseError, FileNotFoundError, PermissionError) as error:
            raise Unusable(f"{self.name} cannot be used: {str(error).splitlines()[0][:300]}") from error


class _Download:
    """Reads as a file does: obstore's chunks are buffers of its own."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def read(self, size: int = -1) -> bytes:
        """Read so many bytes, fewer at the end."""
        return bytes(self._reader.read(size) if size >= 0 else self._reader.readall())


def place_of(address: str) -> Place:
    """Return the place of an address: a path, or an address with a scheme."""
    scheme, found, rest = address.partition("://")
    if not found:
        return File(Path(address).absolute())
    if scheme != "s3":
        raise Unusable(f"{scheme}:// is not known; a backup goes to a file, or to s3://bucket/name.")
    bucket, _slash, key = rest.partition("/")
    if not bucket or not key:
        raise Unusable(f"{address} names no object; it must look like s3://bucket/name.tar.")
    return S3(bucket, key)
