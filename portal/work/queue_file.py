"""The task queue's file. It holds no promise, so one that is damaged is set aside and made anew (safety.md F05)."""

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

PATIENCE_SECONDS = 2  # of a request whose job goes in: the sweep finds what does not
DAMAGED = ("not a database", "malformed", "no such table", "file is encrypted", "unsupported file format")
log = structlog.get_logger(__name__)


class QueueFile(SqliteStorage):
    """huey's queue in a file, opened at its first use: whoever starts does not need it."""

    def __init__(self, name: str, filename: str, **options: Any) -> None:
        self._inode = 0
        self._conn: sqlite3.Connection | None
        super().__init__(name, filename, fsync=False, timeout=PATIENCE_SECONDS, create_tables=False, **options)

    @contextmanager
    def db(self, commit: bool = False, close: bool = False) -> Iterator[Any]:
        """huey's cursor; whatever finds the file damaged sets it aside, and fails this once."""
        self._leave_another_file()
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
        """Let go of the connection; several threads may find at once that it is of no use."""
        with self.lock:
            connection, self._conn = self._conn, None
            if connection is not None:
                with suppress(sqlite3.Error):
                    connection.close()
        return connection is not None

    def _leave_another_file(self) -> None:
        """Another process has set the file aside, or somebody deleted it: the next connection is to the new one."""
        if self._conn is not None and _inode(self.filename) != self._inode:
            self.close()

    def _set_aside(self, reason: str) -> None:
        """One process does it; the others find a file that is not theirs any more."""
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
    """Has somebody else just made it anew?"""
    try:
        with sqlite3.connect(f"file:{filename}?mode=ro", uri=True, timeout=PATIENCE_SECONDS) as connection:
            found = connection.execute("PRAGMA quick_check").fetchone()
            connection.execute("SELECT 1 FROM task LIMIT 1").fetchall()
    except sqlite3.DatabaseError:
        return False
    return bool(found and found[0] == "ok")
