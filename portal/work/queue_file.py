"""The task queue's SQLite file. Rows are the truth, so a corrupt file is moved aside and recreated (safety.md F05)."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import structlog
from huey.storage import SqliteStorage

from portal.base import clock

LOCK_TIMEOUT = 2  # lock timeout of a request that enqueues a job; the sweep finds what failed
DAMAGED = ("not a database", "malformed", "no such table", "file is encrypted", "unsupported file format")
log = structlog.get_logger(__name__)


class QueueFile(SqliteStorage):
    """huey's queue in a file, opened on first use: starting must not depend on it."""

    def __init__(self, name: str, filename: str, **options: Any) -> None:
        self._inode = 0
        self._conn: sqlite3.Connection | None
        super().__init__(name, filename, fsync=False, timeout=LOCK_TIMEOUT, create_tables=False, **options)

    @contextmanager
    def db(self, commit: bool = False, close: bool = False) -> Iterator[Any]:
        """Yield huey's cursor. A corrupt file is moved aside, and this one call fails."""
        self._drop_stale_connection()
        try:
            with super().db(commit=commit, close=close) as cursor:
                yield cursor
        except sqlite3.DatabaseError as error:
            if any(words in str(error) for words in DAMAGED):
                self._set_aside(str(error))
            raise

    def _create_connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = super()._create_connection()
        try:
            for statement in self.ddl:
                connection.execute(statement)
        except BaseException:
            connection.close()
            raise
        self._inode = _inode(self.filename)
        return connection

    def close(self) -> bool:
        """Close the connection. Idempotent: several threads may find it broken at once."""
        with self.lock:
            connection, self._conn = self._conn, None
            if connection is not None:
                with suppress(sqlite3.Error):
                    connection.close()
        return connection is not None

    def _drop_stale_connection(self) -> None:
        """Drop the connection to a file that was moved aside or deleted; the next one opens the new file."""
        if self._conn is not None and _inode(self.filename) != self._inode:
            self.close()

    def _set_aside(self, reason: str) -> None:
        """Move the corrupt file aside, under a file lock: one process does it, the others see a new inode."""
        with open(f"{self.filename}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            is_mine = self._conn is None or _inode(self.filename) == self._inode
            self.close()
            if not is_mine or _is_sound(self.filename):
                return
            aside = f"{self.filename}.damaged-{clock.now():%Y%m%dT%H%M%S}"
            log.error("queue_file_set_aside", file=Path(aside).name, reason=reason)
            for ending in ("-wal", "-shm"):
                Path(self.filename + ending).unlink(missing_ok=True)
            with suppress(FileNotFoundError):
                os.replace(self.filename, aside)


def _inode(filename: str) -> int:
    try:
        return os.stat(filename).st_ino
    except FileNotFoundError:
        return 0


def _is_sound(filename: str) -> bool:
    """Has another process recreated the file already?"""
    try:
        with sqlite3.connect(f"file:{filename}?mode=ro", uri=True, timeout=LOCK_TIMEOUT) as connection:
            found = connection.execute("PRAGMA quick_check").fetchone()
            connection.execute("SELECT 1 FROM task LIMIT 1").fetchall()
    except sqlite3.DatabaseError:
        return False
    return bool(found and found[0] == "ok")
