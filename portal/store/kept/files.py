"""Files that rows name, for backups; a file is not deleted while a backup is being made, but after it.

A room registers the tables whose rows name files that cannot be made anew. What can be (slips, sheets in large print,
copies for the family) is not in a backup: it is made at the next request.
"""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import peewee
import structlog

from portal.base import clock

LOCK, DEFERRED = "backup.lock", "backup.deferred"
NAME = re.compile(r"\w[\w.-]*/\w[\w.-]*", re.ASCII)  # folder and file
log = structlog.get_logger(__name__)
_data_dir = Path("var")


@dataclass(frozen=True)
class Kept:
    """A table with the columns `stored_name` and `sha256`, and the folder of its files in the data folder."""

    folder: str
    table: str

    @property
    def query(self) -> str:
        """SQL of (name, SHA-256) of each file, the same on both engines. Names are the code's own."""
        return f"SELECT stored_name, sha256 FROM \"{self.table}\" WHERE stored_name <> '' ORDER BY id"  # noqa: S608


KEPT: list[Kept] = []


class Busy(Exception):
    """Another backup is being made in this data folder."""


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


def delete(path: Path) -> None:
    """Delete a file that no row names any more; while a backup is made, note it to be deleted after it.

    Call it after the transaction that took the name out of its row: then no backup that begins later names it.
    """
    if not path.exists():
        return
    lock = os.open(_data_dir / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        with (_data_dir / DEFERRED).open("a") as file:
            file.write(f"{path.parent.name}/{path.name}\n")
    else:
        path.unlink(missing_ok=True)
    finally:
        os.close(lock)


@contextmanager
def held() -> Iterator[None]:
    """Keep every file in its place for the block, a backup. Raises Busy when another one is being made.

    The lock ends with the process: what was noted before a kill is deleted after the next backup, or by the sweep.
    """
    with _locked():
        yield
        _delete_noted()


def delete_deferred() -> None:
    """Delete what a backup that was killed has left noted. Not while one is being made."""
    if (_data_dir / DEFERRED).exists():
        with suppress(Busy), _locked(seconds=0):
            _delete_noted()


@contextmanager
def _locked(seconds: float = 1.0) -> Iterator[None]:
    """Take the lock from those who delete; they hold it for less than a millisecond, another backup for long."""
    lock, deadline = os.open(_data_dir / LOCK, os.O_RDWR | os.O_CREAT, 0o600), clock.monotonic() + seconds
    try:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if clock.monotonic() > deadline:
                    raise Busy from None
                clock.sleep(0.005)
        yield
    finally:
        os.close(lock)


def _delete_noted() -> None:
    """Delete the noted files. A note of this very moment may be lost: its file becomes an orphan, and is set aside."""
    noted, taken = _data_dir / DEFERRED, _data_dir / f"{DEFERRED}.taken"
    for path in (taken, noted):
        if path.exists():
            path.replace(taken)
            names = taken.read_text().split()
            for name in names:
                if NAME.fullmatch(name):
                    (_data_dir / name).unlink(missing_ok=True)
            taken.unlink()
            log.info("deferred_files_deleted", files=len(names))
