"""Files in a store that speaks S3, through obstore. Its address, region and keys are the AWS_… variables."""

import hashlib
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from importlib import import_module
from typing import IO, Any, cast

from portal.base import outbound
from portal.base.keys import random_uid
from portal.store.db import database
from portal.store.filing.kinds import CHUNK, Found, StoreDown, Written, nothing

PART = 5 * 1024 * 1024  # bytes: S3's smallest part; a smaller file is one request
CLIENT = {"connect_timeout": "3s", "timeout": "30s"}
RETRIES = {"max_retries": 3, "retry_timeout": timedelta(seconds=10)}
# What S3 answers, with the cure: the words of its documented error codes.
CAUSES = {
    "NoSuchBucket": "the bucket does not exist; make it, or correct PORTAL_STORE_URL",
    "InvalidAccessKeyId": "the access key is unknown; correct AWS_ACCESS_KEY_ID",
    "SignatureDoesNotMatch": "the secret does not belong to the access key; correct AWS_SECRET_ACCESS_KEY",
    "AuthFailure": "the access key is refused; correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "AccessDenied": "the access key may not do this there; allow it to list, get, put and delete",
    "ExpiredToken": "the access key has expired",
    "PermanentRedirect": "the bucket is in another region; correct AWS_REGION",
    "NoSuchKey": "the file is gone",
}
# Others of AWS's variables are not the driver's, which refuses what it does not know.
VARIABLES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ALLOW_HTTP",
    "AWS_VIRTUAL_HOSTED_STYLE_REQUEST",
)
CERTIFICATE = "certificate"
ASKING = "Error performing"  # in every failure of a request; a writer raises it as a bare OSError


class Bucket:
    """A bucket, or a part of it under a prefix. An object is there whole or not at all: that is how S3 works.

    Each request carries the SHA-256 of what it sends, which the store compares with what has arrived.
    """

    def __init__(self, bucket: str, prefix: str, environ: Mapping[str, str]) -> None:
        self._bucket, self._prefix, self._environ = bucket, prefix, environ
        self.address = "/".join(part for part in (f"s3://{bucket}", prefix) if part)
        self._opened: tuple[Any, Any] | None = None

    def write(self, key: str, stream: IO[bytes], before_naming: Callable[[], None] = nothing) -> Written:
        """Upload in parts; what fails is called off. Raises StoreDown also when less has arrived than was sent."""
        digest, size = hashlib.sha256(), 0
        with self._translated(key) as (obstore, store):
            with obstore.open_writer(store, key, buffer_size=PART, max_concurrency=2) as output:
                while chunk := stream.read(CHUNK):
                    output.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
                before_naming()
            arrived = obstore.head(store, key)["size"]
        if arrived != size:
            raise StoreDown(f"{self.address} has {arrived} of {size} bytes of {key}")
        return Written(size, digest.hexdigest())

    @contextmanager
    def reading(self, key: str) -> Iterator[tuple[IO[bytes], int]]:
        """Download as it is read. Raises FileNotFoundError or StoreDown, also while it is read."""
        with self._translated(key) as (obstore, store):
            found = obstore.get(store, key)
            size = int(found.meta["size"])
            yield cast(IO[bytes], io.BufferedReader(_Download(found.stream(min_chunk_size=CHUNK)), CHUNK)), size

    def has(self, key: str) -> bool:
        """Is it there?"""
        with suppress(FileNotFoundError), self._translated(key) as (obstore, store):
            try:
                obstore.head(store, key)
            except FileNotFoundError:
                obstore.get(store, key)  # its answer has a body, which tells a missing bucket from a missing object
            return True
        return False

    def listed(self, folder: str) -> Iterator[Found]:
        """List what lies under a folder, a thousand objects at a time."""
        with self._translated(folder) as (obstore, store):
            for part in obstore.list(store, folder, chunk_size=1000):
                yield from (Found(each["path"], each["size"], each["last_modified"].timestamp()) for each in part)

    def delete(self, key: str) -> None:
        """Delete an object. Idempotent."""
        with suppress(FileNotFoundError), self._translated(key) as (obstore, store):
            obstore.delete(store, key)

    def move(self, key: str, to: str) -> None:
        """Copy an object within the store, and delete the first: S3 has no renaming."""
        with self._translated(key) as (obstore, store):
            obstore.copy(store, key, to)
            obstore.delete(store, key)

    def has_room(self) -> bool:
        """Always: a store says no by itself."""
        return True

    def probe(self) -> None:
        """Write, read and delete an object of its own. Raises StoreDown with what is wrong and its cure."""
        key = f"probe/{random_uid()}"
        self.write(key, io.BytesIO(b"ok"))
        try:
            with self.reading(key) as (stream, _size):
                if stream.read() != b"ok":
                    raise StoreDown(f"{self.address} does not return what was stored")
        finally:
            self.delete(key)

    @contextmanager
    def _translated(self, key: str) -> Iterator[tuple[Any, Any]]:
        """Yield the driver and the store. Raises FileNotFoundError for a missing object, and StoreDown otherwise."""
        exceptions = import_module("obstore.exceptions")
        if database.obj is not None and not database.in_transaction():
            outbound.release_held()
        try:
            yield self._driver()
        except (exceptions.BaseError, OSError) as error:
            text = str(error)
            if isinstance(error, OSError) and ASKING not in text:  # of what is read or written here
                raise
            if isinstance(error, FileNotFoundError) and "NoSuchBucket" not in text:
                raise FileNotFoundError(f"{self.address} has no {key}") from error
            raise StoreDown(f"{self.address}: {_reason(text)}") from error

    def _driver(self) -> tuple[Any, Any]:
        """Return the module and the store, opened at its first use: a forked process has none of its threads."""
        if self._opened is None:
            own = {name.lower(): self._environ[name] for name in VARIABLES if self._environ.get(name)}
            store = import_module("obstore.store").S3Store(
                self._bucket,
                prefix=self._prefix or None,
                config=own | {"checksum_algorithm": "SHA256"},
                client_options=CLIENT,
                retry_config=RETRIES,
            )
            self._opened = import_module("obstore"), store
        return self._opened


class _Download(io.RawIOBase):
    """Reads the chunks of a download as a file does."""

    def __init__(self, chunks: Iterator[Any]) -> None:
        self._chunks, self._rest = chunks, memoryview(b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer."""
        if not self._rest:
            self._rest = memoryview(bytes(next(self._chunks, b"")))
        part, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


def _reason(text: str) -> str:
    """Return what is wrong, from the words of the driver."""
    for code, cause in CAUSES.items():
        if f"<Code>{code}</Code>" in text:
            return cause
    if CERTIFICATE in text.lower():
        return "its certificate is not trusted here"
    if "error sending request" in text:
        return "nothing answers there; correct AWS_ENDPOINT_URL, or start it"
    return " ".join(text.split("Debug source")[0].split())[:200]
