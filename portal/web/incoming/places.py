"""So many at once, and one network at most a third of them: whoever holds all of its share keeps nobody else out."""

from collections import Counter
from threading import Lock


class Places:
    """Places that nobody waits for: there is one, or there is none.

    A network may be a carrier's, with a town behind one address (safety.md S17), or one laptop: its third is enough for
    the one, and all that the other gets.
    """

    def __init__(self, count: int) -> None:
        self._free, self._share = count, max(1, count // 3)
        self._taken: Counter[str] = Counter()
        self._lock = Lock()

    def take(self, network: str) -> bool:
        """Take a place, unless all are taken or this network has its third."""
        with self._lock:
            if self._free == 0 or self._taken[network] >= self._share:
                return False
            self._free -= 1
            self._taken[network] += 1
            return True

    def give_back(self, network: str) -> None:
        """Somebody else may have it."""
        with self._lock:
            self._free += 1
            self._taken[network] -= 1
            if not self._taken[network]:
                del self._taken[network]
