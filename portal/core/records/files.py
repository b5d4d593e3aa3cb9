"""File store of uploads: outside the web root, under random names, each written atomically and synced."""

import errno
import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import structlog

from portal.base.crash import crashpoint
from portal.base.errors import Unavailable
from portal.base.keys import random_uid
from portal.base.language import gettext as _
from portal.store import disk, private
from portal.store.db import require_no_transaction
from portal.store.kept import files as kept
from portal.store.private import make_folder, name_whole

CHUNK = 64 * 1024
log = structlog.get_logger(__name__)
_folder = Path("records")


@dataclass(frozen=True)
class Stored:
    """A stored file: its random name, size in bytes, SHA-256."""

    name: str
    size: int
    sha256: str


def install(data_dir: Path) -> None:
    """Set the data folder (the application factory does)."""
    global _folder
    _folder = data_dir / "records"


def folder() -> Path:
    """Return the folder of the records."""
    return _folder


def store(stream: IO[bytes]) -> Stored:
    """Write a stream to a random name, atomically. Raises Unavailable, leaving nothing behind, when the write fails.

    Raises RuntimeError in a transaction.
    """
    require_no_transaction()
    name = random_uid()
    partial = _folder / f"{name}.part"
    try:
        make_folder(_folder)
        if not disk.has_room():  # the rest is reserved for the database
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        size, sha256 = _write(stream, partial)
        crashpoint("records.before_rename")
        name_whole(partial, _folder / name)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        log.exception("record_not_stored", error=error.strerror)
        raise Unavailable(
            _("Files cannot be kept just now: the portal has no room for them. Please try again later."),
            retry_after=600,
        ) from error
    return Stored(name, size, sha256)


def _write(stream: IO[bytes], path: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        while chunk := stream.read(CHUNK):
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        file.flush()
        os.fsync(file.fileno())
    return size, digest.hexdigest()


def intact(name: str, sha256: str) -> bytes | None:
    """Read a file and verify its checksum; None when it is missing or damaged."""
    return private.intact(_folder / name, sha256)


def forget(name: str) -> None:
    """Delete a file whose row is gone or names another one; while a backup is made, after it."""
    kept.delete(_folder / name)
