"""Calls of hooks, counted in the memory of each process; portal.plugin_host.failures writes them down in batches."""

import threading
from dataclasses import dataclass
from datetime import datetime

from portal.base import clock

WRITE_EVERY = 5.0


@dataclass
class Tally:
    """One hook of one plugin since the last writing. `recovered`: a success came, older failures no longer count."""

    calls: int = 0
    errors: int = 0
    seconds: float = 0.0
    recovered: bool = False
    failing: int = 0
    failing_since: datetime | None = None
    last_error: str = ""
    last_error_at: datetime | None = None


class Tallies:
    """All tallies of a process; safe among its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[tuple[str, str], Tally] = {}
        self._written_at = clock.monotonic()

    def succeeded(self, plugin: str, hook: str, seconds: float) -> None:
        """One more call that went well."""
        with self._lock:
            row = self._rows.setdefault((plugin, hook), Tally())
            row.calls += 1
            row.seconds += seconds
            row.recovered, row.failing, row.failing_since = True, 0, None

    def failed(self, plugin: str, hook: str, seconds: float, error: str, at: datetime) -> None:
        """One more call that did not."""
        with self._lock:
            row = self._rows.setdefault((plugin, hook), Tally())
            row.calls += 1
            row.errors += 1
            row.seconds += seconds
            row.failing += 1
            row.failing_since = row.failing_since or at
            row.last_error, row.last_error_at = error, at

    def are_due(self) -> bool:
        """Is there something to write, and has the last writing been a while ago?"""
        return bool(self._rows) and clock.monotonic() - self._written_at >= WRITE_EVERY

    def take(self) -> dict[tuple[str, str], Tally]:
        """Everything counted so far, by (plugin, hook); counting begins anew."""
        with self._lock:
            taken, self._rows = self._rows, {}
            self._written_at = clock.monotonic()
        return taken
