"""Files that rows name, for backups; a file is not deleted while a backup is being made, but after it.

A room registers the tables whose rows name files that cannot be made anew. What can be (slips, sheets in large print,
copies for the family) is not in a backup: it is made at the next request.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import peewee
import structlog

from portal.base import clock
from portal.store.db import database, is_sqlite, joined, write
from portal.store.filing import current
from portal.store.filing.notes import DeferredFile

LOCK = "backup.lock"
ADVISORY = 7_319_004_211  # PostgreSQL's lock of the same meaning, for all nodes
log = structlog.get_logger(__name__)
_data_dir = Path("var")


@dataclass(frozen=True)
class Kept:
    """A table with the columns `stored_name` and `sha256`, and the folder of its files."""

    folder: str
    table: str

    @property
    def query(self) -> str:
        """SQL of (name, SHA-256) of each file, the same on both engines. Names are the code's own."""
        return f"SELECT stored_name, sha256 FROM \"{self.table}\" WHERE stored_name <> '' ORDER BY id"  # noqa: S608


KEPT: list[Kept] = []


class Busy(Exception):
    """Another backup is being made of this database."""


def install(data_dir: Path) -> None:
    """Set the data folder (the application factory does)."""
    global _data_dir
    _data_dir = data_dir


def keeps(folder: str, *tables: type[peewee.Model]) -> None:
    """Register tables that name the files of a folder. Idempotent."""
    for table in tables:
        one = Kept(folder, table._meta.table_name)  # noqa: SLF001 documented by peewee
        if one not in KEPT:
            KEPT.append(one)


def delete(key: str) -> None:
    """Delete a file that no row names any more; while a backup is made, note it to be deleted after it.

    Call it after the transaction that took the name out of its row: then no backup that begins later names it.
    A store that is down loses the deletion: the file becomes an orphan, and is set aside.
    """
    with _shared() as is_free:
        if not is_free:
            DeferredFile.create(key=key)
            return
        try:
            current.store().delete(key)
        except OSError as error:
            log.warning("file_not_deleted", key=key, error=str(error))


@contextmanager
def held() -> Iterator[None]:
    """Keep every file in its place for the block, a backup. Raises Busy when another one is being made.

    The lock ends with the process: what was noted before a kill is deleted after the next backup, or by the sweep.
    """
    with _exclusive(seconds=1.0):
        yield
    delete_deferred()


def delete_deferred() -> None:
    """Delete what waited for the end of a backup, also of one that was killed. Not while one is being made."""
    if not DeferredFile.select().exists():
        return
    with suppress(Busy), _exclusive(seconds=0):
        rows = list(DeferredFile.select())
        for row in rows:
            current.store().delete(row.key)
            row.delete_instance()
        log.info("deferred_files_deleted", files=len(rows))


@contextmanager
def _shared() -> Iterator[bool]:
    """Hold the lock of those who delete for the block; yields False while a backup has it."""
    if is_sqlite():
        with _file_lock() as lock:
            yield _take(lock, fcntl.LOCK_SH)
    else:
        with joined():
            yield _answer("SELECT pg_try_advisory_xact_lock_shared(%s)")


@contextmanager
def _exclusive(seconds: float) -> Iterator[None]:
    """Take the lock from those who delete; they hold it for a moment, another backup for long. Raises Busy."""
    if not is_sqlite():
        with write():
            _wait(lambda: _answer("SELECT pg_try_advisory_xact_lock(%s)"), seconds)
            yield
        return
    with _file_lock() as lock:
        _wait(lambda: _take(lock, fcntl.LOCK_EX), seconds)
        yield


@contextmanager
def _file_lock() -> Iterator[int]:
    lock = os.open(_data_dir / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield lock
    finally:
        os.close(lock)


def _take(lock: int, kind: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
        return True
    return False


def _wait(taken: Callable[[], bool], seconds: float) -> None:
    deadline = clock.monotonic() + seconds
    while not taken():
        if clock.monotonic() > deadline:
            raise Busy
        clock.sleep(0.005)


def _answer(query: str) -> bool:
    return bool(database.execute_sql(query, (ADVISORY,)).fetchone()[0])
