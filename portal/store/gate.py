"""SQLite's write lock: a fair (first in, first out) lock between threads and processes."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.base import clock
from portal.base.errors import Unavailable
from portal.store.wait_budget import waits


class Gate:
    """A fair file lock before BEGIN IMMEDIATE: SQLite itself lets writers starve (safety.md 0.6).

    A second file lock holds the place of the next process: without it the threads of a busy process, such as the
    worker in a rush, hand the lock to each other, while other processes poll once a millisecond and find it taken.
    """

    def __init__(self) -> None:
        self.path: Path | None = None
        self._thread_lock = threading.Lock()

    @contextmanager
    def passed(self) -> Iterator[None]:
        if self.path is None:
            yield
            return
        with waits.one() as seconds:
            gate = self._acquire(self.path, clock.monotonic() + seconds, seconds)
        try:
            yield
        finally:
            os.close(gate)
            self._thread_lock.release()

    def _acquire(self, path: Path, deadline: float, seconds: float) -> int:
        if not self._thread_lock.acquire(timeout=seconds):
            raise Unavailable(retry_after=2)
        try:
            next_place = _lock_file(path.with_suffix(".next"), deadline)
            try:
                return _lock_file(path, deadline)
            finally:
                os.close(next_place)
        except BaseException:
            self._thread_lock.release()
            raise


def _lock_file(path: Path, deadline: float) -> int:
    """Lock a file and return its descriptor; closing it unlocks. Raises Unavailable at the deadline."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if clock.monotonic() > deadline:
                os.close(descriptor)
                raise Unavailable(retry_after=2) from None
            clock.sleep(0.001)
        else:
            return descriptor
