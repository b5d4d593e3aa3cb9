"""File store of uploads: outside the web root, under random names, each written atomically and synced."""

import errno
import os
from dataclasses import dataclass
from typing import IO

import structlog

from portal.base.crash import crashpoint
from portal.base.errors import Unavailable
from portal.base.keys import random_uid
from portal.base.language import gettext as _
from portal.store.db import require_no_transaction
from portal.store.filing import current
from portal.store.filing.kinds import StoreDown
from portal.store.kept import files as kept

log = structlog.get_logger(__name__)
FOLDER = current.RECORDS
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True)
class Stored:
    """A stored file: its random name, size in bytes, SHA-256."""

    name: str
    size: int
    sha256: str


def store(stream: IO[bytes]) -> Stored:
    """Write a stream to a random name, atomically. Raises Unavailable, leaving nothing behind, when the write fails.

    Raises RuntimeError in a transaction.
    """
    require_no_transaction()
    name, place = random_uid(), current.store()
    try:
        if not place.has_room():  # the rest is reserved for the database
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = place.write(f"{FOLDER}/{name}", stream, lambda: crashpoint("records.before_rename"))
    except StoreDown as error:
        log.exception("record_not_stored", error=str(error))
        raise _not_now() from error
    except OSError as error:
        log.exception("record_not_stored", error=error.strerror)
        if error.errno not in FULL:
            raise _not_now() from error
        raise Unavailable(
            _("Files cannot be kept just now: the portal has no room for them. Please try again later."),
            retry_after=600,
        ) from error
    return Stored(name, written.size, written.sha256)


def _not_now() -> Unavailable:
    return Unavailable(_("Files cannot be kept just now. Please try again in a minute."), retry_after=60)


def intact(name: str, sha256: str) -> bytes | None:
    """Read a file and verify its checksum; None when it is missing or damaged. Raises Unavailable."""
    return current.intact(f"{FOLDER}/{name}", sha256)


def forget(name: str) -> None:
    """Delete a file whose row is gone or names another one; while a backup is made, after it."""
    kept.delete(f"{FOLDER}/{name}")
