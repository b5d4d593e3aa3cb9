"""Lock wait budget: one timeout for all waits of a request or job together, not one for each (safety.md F11)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from portal.base import clock

WAIT_BUDGET_SECONDS = 5.0
LONG = 0.5  # seconds; shorter statements are work


class _Waits(threading.local):
    """The wait budget of this thread, in seconds."""

    def __init__(self) -> None:
        self.left: float | None = None  # None outside a request or job: each wait has the whole timeout

    @contextmanager
    def one(self) -> Iterator[float]:
        """Yield the timeout in seconds for one wait, and deduct how long it took."""
        began = clock.monotonic()
        try:
            yield WAIT_BUDGET_SECONDS if self.left is None else max(self.left, 0.0)
        finally:
            if self.left is not None:
                self.left -= clock.monotonic() - began

    @contextmanager
    def long_one(self) -> Iterator[None]:
        """Deduct a statement that took long: PostgreSQL does not say how much of it was work and how much waiting."""
        began = clock.monotonic()
        try:
            yield
        finally:
            took = clock.monotonic() - began
            if self.left is not None and took >= LONG:
                self.left = max(self.left - took, 0.0)

    def give_up(self) -> None:
        """Use up the budget after a lock timeout: no further write waits."""
        if self.left is not None:
            self.left = 0.0


waits = _Waits()


def begin_waiting() -> None:
    """Reset the wait budget at the start of a request or a job."""
    waits.left = WAIT_BUDGET_SECONDS
