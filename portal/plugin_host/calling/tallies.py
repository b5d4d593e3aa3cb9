"""Counters of hook calls in each process's memory; portal.plugin_host.failures flushes them in batches."""

import threading
from dataclasses import dataclass
from datetime import datetime

from portal.base import clock

FLUSH_SECONDS = 5.0


@dataclass
class Tally:
    """Counters of one hook of one plugin since the last flush. `recovered`: a success reset the failures."""

    calls: int = 0
    errors: int = 0
    seconds: float = 0.0
    recovered: bool = False
    failing: int = 0
    failing_since: datetime | None = None
    last_error: str = ""
    last_error_at: datetime | None = None


class Tallies:
    """All counters of a process. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[tuple[str, str], Tally] = {}
        self._flushed_at = clock.monotonic()

    def succeeded(self, plugin: str, hook: str, seconds: float) -> None:
        """Count a success."""
        with self._lock:
            row = self._rows.setdefault((plugin, hook), Tally())
            row.calls += 1
            row.seconds += seconds
            row.recovered, row.failing, row.failing_since = True, 0, None

    def failed(self, plugin: str, hook: str, seconds: float, error: str, at: datetime) -> None:
        """Count a failure."""
        with self._lock:
            row = self._rows.setdefault((plugin, hook), Tally())
            row.calls += 1
            row.errors += 1
            row.seconds += seconds
            row.failing += 1
            row.failing_since = row.failing_since or at
            row.last_error, row.last_error_at = error, at

    def are_due(self) -> bool:
        """Are there counts, and is the flush interval over?"""
        return bool(self._rows) and clock.monotonic() - self._flushed_at >= FLUSH_SECONDS

    def take(self) -> dict[tuple[str, str], Tally]:
        """Return and reset all counters, by (plugin, hook)."""
        with self._lock:
            taken, self._rows = self._rows, {}
            self._flushed_at = clock.monotonic()
        return taken
