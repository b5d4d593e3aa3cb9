"""The store of this deployment (PORTAL_STORE_URL): writing, and reading what is verified by its checksum."""

import hashlib
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import structlog

from portal.base.errors import Unavailable
from portal.base.language import gettext as _
from portal.store import disk
from portal.store.filing.bucket import Bucket
from portal.store.filing.folder import Folder
from portal.store.filing.kinds import CHUNK, FileStore, StoreDown, nothing

# Folders with files of people. The first two cannot be made anew.
RECORDS, PRESCRIPTIONS, LARGE_PRINT, SLIPS, COPIES = "records", "prescriptions", "large-print", "slips", "copies"
FOLDERS = (RECORDS, PRESCRIPTIONS, LARGE_PRINT, SLIPS, COPIES)
QUARANTINE = "quarantine"
RETRY_SECONDS = 10
log = structlog.get_logger(__name__)
_store: FileStore = Folder(Path("var"))


def store_at(url: str, data_dir: Path, environ: Mapping[str, str]) -> FileStore:
    """Return the store of an address: `s3://bucket/prefix`, `file:///folder`, or "" for the data folder."""
    parts = urlsplit(url)
    if parts.scheme == "s3":
        return Bucket(parts.netloc, parts.path.strip("/"), environ)
    return Folder(Path(parts.path) if url else data_dir)


def install(url: str, data_dir: Path, environ: Mapping[str, str]) -> None:
    """Set the store (the application factory does)."""
    global _store
    _store = store_at(url, data_dir, environ)


def store() -> FileStore:
    """Return the store."""
    return _store


def keep(key: str, content: bytes, before_naming: Callable[[], None] = nothing) -> str:
    """Store a file, atomically and durably; return its SHA-256. Idempotent. Raises OSError."""
    return _store.write(key, BytesIO(content), before_naming).sha256


def intact(key: str, sha256: str) -> bytes | None:
    """Read a file and verify its checksum; None when it is missing or damaged.

    Raises Unavailable when the store cannot be used now, which says nothing of the file.
    """
    try:
        with _store.reading(key) as (stream, _size):
            content = stream.read()
    except StoreDown as error:
        raise _unavailable(key, error) from error
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None


def fetched(key: str, sha256: str) -> IO[bytes] | None:
    """Copy a large file to this machine and verify its checksum; None when it is missing or damaged.

    Whoever gets it closes it; it has no name, so nothing is left of it. Raises Unavailable as `intact` does.
    """
    digest = hashlib.sha256()
    with ExitStack() as stack:
        copy = stack.enter_context(tempfile.TemporaryFile(dir=disk.folder()))
        try:
            with _store.reading(key) as (stream, _size):
                while chunk := stream.read(CHUNK):
                    digest.update(chunk)
                    copy.write(chunk)
        except StoreDown as error:
            raise _unavailable(key, error) from error
        except OSError:
            return None
        if digest.hexdigest() != sha256:
            return None
        copy.seek(0)
        stack.pop_all()
    return copy


def _unavailable(key: str, error: StoreDown) -> Unavailable:
    log.error("store_down", key=key, error=str(error))
    return Unavailable(_("The file cannot be read just now. Please try again in a moment."), retry_after=RETRY_SECONDS)
