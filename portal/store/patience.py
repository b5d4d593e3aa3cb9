"""How long a request or a job may wait for others: for all waits together, not for each (safety.md F11)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from portal.base import clock

PATIENCE_SECONDS = 5.0


class _Waits(threading.local):
    """What this thread may still wait for others."""

    def __init__(self) -> None:
        self.left: float | None = None  # elsewhere each wait may last that long

    @contextmanager
    def one(self) -> Iterator[float]:
        """A wait: so many seconds it may last, and what it lasted is taken off."""
        began = clock.monotonic()
        try:
            yield PATIENCE_SECONDS if self.left is None else max(self.left, 0.0)
        finally:
            if self.left is not None:
                self.left -= clock.monotonic() - began

    def give_up(self) -> None:
        """Somebody holds on to what is needed: no further write waits for it."""
        if self.left is not None:
            self.left = 0.0


waits = _Waits()


def begin_waiting() -> None:
    """A request or a job begins, with a patience of its own."""
    waits.left = PATIENCE_SECONDS
