"""A concurrency limit with fair shares: a network gets at most a third of the slots."""

from collections import Counter
from threading import Lock


class Places:
    """A non-blocking semaphore with a share per network.

    A network may be a carrier's NAT with a town behind it (safety.md S17), or one laptop: a third is enough for the
    one, and all that the other gets.
    """

    def __init__(self, count: int) -> None:
        self._free, self._share = count, max(1, count // 3)
        self._used: Counter[str] = Counter()
        self._lock = Lock()

    def take(self, network: str) -> bool:
        """Acquire a slot. False when all are taken or this network has its share."""
        with self._lock:
            if self._free == 0 or self._used[network] >= self._share:
                return False
            self._free -= 1
            self._used[network] += 1
            return True

    def give_back(self, network: str) -> None:
        """Release a slot."""
        with self._lock:
            self._free += 1
            self._used[network] -= 1
            if not self._used[network]:
                del self._used[network]
