"""The write gate of SQLite: writers come in one after the other, in the order in which they came."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.base import clock
from portal.base.errors import Unavailable
from portal.store.patience import waits


class Gate:
    """A fair turnstile before BEGIN IMMEDIATE: SQLite itself lets writers starve (safety.md 0.6).

    Behind it is room for one process that waits: without it the threads of a busy process, such as the worker in a
    rush, hand the gate to each other while the others look once in a millisecond and find it closed.
    """

    def __init__(self) -> None:
        self.path: Path | None = None
        self._threads = threading.Lock()

    @contextmanager
    def passed(self) -> Iterator[None]:
        if self.path is None:
            yield
            return
        with waits.one() as seconds:
            gate = self._entered(self.path, clock.monotonic() + seconds, seconds)
        try:
            yield
        finally:
            os.close(gate)
            self._threads.release()

    def _entered(self, path: Path, deadline: float, seconds: float) -> int:
        if not self._threads.acquire(timeout=seconds):
            raise Unavailable(retry_after=2)
        try:
            next_in = _hold(path.with_suffix(".next"), deadline)
            try:
                return _hold(path, deadline)
            finally:
                os.close(next_in)
        except BaseException:
            self._threads.release()
            raise


def _hold(path: Path, deadline: float) -> int:
    """The descriptor of a file that nobody else holds; closing it lets go. Raises Unavailable after the deadline."""
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
