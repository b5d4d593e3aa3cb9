"""Where uploads lie: outside the web root, under random names, each whole and on disk or not there at all."""

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
from portal.store.private import make_folder, name_whole

CHUNK = 64 * 1024
log = structlog.get_logger(__name__)
_folder = Path("records")


@dataclass(frozen=True)
class Stored:
    """A file in the store: its random name, size in bytes, SHA-256."""

    name: str
    size: int
    sha256: str


def install(data_dir: Path) -> None:
    """Say where records are kept (the application factory does)."""
    global _folder
    _folder = data_dir / "records"


def folder() -> Path:
    """Where records are kept."""
    return _folder


def store(stream: IO[bytes]) -> Stored:
    """Write a stream to a random name. Raises Unavailable, leaving nothing behind, when the disk does not take it.

    Raises RuntimeError in a transaction.
    """
    require_no_transaction()
    name = random_uid()
    partial = _folder / f"{name}.part"
    try:
        make_folder(_folder)
        if not disk.has_room():  # what is left is for rows
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
    """The file's bytes while they are still those that were stored, else None."""
    return private.intact(_folder / name, sha256)


def forget(name: str) -> None:
    """Delete a file whose row is gone or names another one."""
    (_folder / name).unlink(missing_ok=True)
