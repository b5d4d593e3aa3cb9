"""Restoring: everything is unpacked and verified beside the place, then takes the place in one step.

Nothing is overwritten or deleted: what is there is set aside, whole. Until the last step a kill changes nothing.
"""

import ctypes
import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from portal.base.crash import crashpoint
from portal.config import Config
from portal.keeping import archive, postgres, sealed_key
from portal.keeping.manifest import Manifest, Unusable
from portal.store.filing import current, transfer
from portal.store.filing.folder import Folder
from portal.store.kept import marks
from portal.store.kept.files import KEPT

AT_FDCWD, EXCHANGE = -100, 2  # linux/fcntl.h, linux/fs.h
# Of the old place, what is not carried over: it is in the backup, or made anew.
LEFT = {
    "queue.db",
    "write.lock",
    "write.next",
    "reserve",
    "quarantine",
    "slips",
    "large-print",
    "copies",
    "backup.lock",
}


def key_of(stream: IO[bytes], passphrase: str) -> str:
    """Return the deployment's key from a backup. Raises Unusable for a wrong passphrase, or a backup without a key."""
    with tempfile.TemporaryDirectory() as folder:
        found, _remarks = archive.extract(stream, Path(folder), wanted=lambda name: name == sealed_key.MEMBER)
        if not found.has_key:
            raise Unusable("The key was left out of this backup. Put the kept copy into PORTAL_SECRET_KEY.")
        return sealed_key.unseal((Path(folder) / sealed_key.MEMBER).read_text(), passphrase)


def is_empty(config: Config) -> bool:
    """Is there neither a database nor a file in this place? Raises Unusable for a place that cannot be restored to."""
    path = config.sqlite_path
    if path and path.parent != config.data_dir:
        raise Unusable("The database is outside the data folder; restore it by hand as docs/operations.md says.")
    has_data = path.exists() if path else bool(postgres.tables(config.database_url))
    if config.store_url:  # nothing in it is replaced
        return not has_data
    return not has_data and not any(next((config.data_dir / kept.folder).glob("*"), None) for kept in KEPT)


@contextmanager
def staged(stream: IO[bytes], config: Config, known: dict[str, set[str]]) -> Iterator[tuple[Path, Manifest, list[str]]]:
    """Unpack and verify a backup beside the data folder; what the block does not move away is deleted.

    Raises Damaged or Unusable, changing nothing. Yields folder, manifest and what the backup says is missing in it.
    """
    engine = "sqlite" if config.is_sqlite else "postgresql"

    def accept(manifest: Manifest) -> None:
        if manifest.engine != engine:
            raise Unusable(f"This is a backup of {manifest.engine}, but PORTAL_DATABASE_URL names {engine}.")
        manifest.require_known(known)

    for left in config.data_dir.parent.glob(f"{config.data_dir.name}.restoring-*"):
        if not Path(f"/proc/{left.name.rpartition('-')[2]}").exists():
            shutil.rmtree(left, ignore_errors=True)  # of a restore that was killed: it was never in use
    folder = config.data_dir.with_name(f"{config.data_dir.name}.restoring-{os.getpid()}")
    folder.mkdir(mode=0o700, parents=True)
    try:
        found, remarks = archive.extract(stream, folder, accept=accept)
        for name in (archive.README, sealed_key.MEMBER, archive.MANIFEST):
            (folder / name).unlink(missing_ok=True)
        yield folder, found, remarks
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def told_numbers(places: Sequence[Config], others: tuple[Path, ...]) -> dict[str, int]:
    """Return the numbers that were told, by the marks and databases of these places, and by other folders' marks."""
    queries = [source.query for source in marks.SOURCES.values()]
    folders = dict.fromkeys((*(place.marks for place in places), *others))
    asked = (look(place, query) for place in places for query in queries)
    return marks.highest(marks.read(*folders).items(), *asked)


def look(config: Config, query: str) -> list[tuple[Any, ...]]:
    """Ask the database that is there, without opening it for the models; what cannot be read says nothing."""
    path = config.sqlite_path
    if path is None:
        return postgres.rows(config.database_url, query) if postgres.tables(config.database_url) else []
    if not path.exists():
        return []
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as there:
        return there.execute(query).fetchall()
    return []


def take_place(folder: Path, config: Config, now: datetime) -> Path | None:
    """Exchange the unpacked folder with the data folder, in one step of the kernel; return where the old one is.

    Marks, keys and what else lies in the old place are copied into the new one first.
    """
    old = config.data_dir
    if not old.exists():
        folder.rename(old)
        return None
    for path in old.iterdir():
        target = folder / path.name
        if path.name.startswith(("portal.db", "queue.db", "backup-")) or path.name in LEFT or target.exists():
            continue
        shutil.copytree(path, target) if path.is_dir() else shutil.copy2(path, target)
    kept = old.with_name(f"{old.name}.before-{now:%Y%m%dT%H%M%S}")
    folder.rename(kept)  # the name that the old place has after the exchange, in the same step
    os.sync()
    crashpoint("restore.before_exchange")
    try:
        _exchange(kept, old)
    except BaseException:
        kept.rename(folder)
        raise
    crashpoint("restore.after_exchange")
    with suppress(OSError):
        kept.rmdir()  # where nothing was
    return kept if kept.exists() else None


def bring_files(folder: Path, config: Config, *, now: datetime) -> Iterator[str]:
    """Bring the unpacked files into a store outside the data folder. Yields a line of what it did.

    A file that is there already is left alone when it is the same, and else set aside. Idempotent: a further attempt
    goes on after what is there. Raises Unusable when the store cannot be used.
    """
    brought, unpacked = 0, Folder(folder)
    place = current.store_at(config.store_url, config.data_dir, config.environ)
    try:
        for name in dict.fromkeys(kept.folder for kept in KEPT):
            for each in list(unpacked.listed(name)):
                brought += transfer.bring(unpacked, place, each.key, "", now=now)
                unpacked.delete(each.key)
    except OSError as error:
        raise Unusable(f"The files could not be brought to {place.address}: {error}.") from error
    yield f"{brought} files were brought to {place.address}; what else is there stays there."


def _exchange(one: Path, other: Path) -> None:
    """Exchange two folders atomically (renameat2). Raises Unusable where the file system cannot."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), EXCHANGE) == 0:
        return
    code = ctypes.get_errno()
    if code in (errno.EBUSY, errno.EXDEV):
        raise Unusable(
            f"{other} is a mount point and cannot be exchanged. Restore with --data-dir into a folder inside it, and "
            "name that folder in PORTAL_DATA_DIR."
        )
    raise Unusable(
        f"{other} could not be exchanged: {os.strerror(code)}. Restore with --data-dir into an empty folder."
    )
