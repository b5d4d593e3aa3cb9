"""What is in use of a plugin at this moment: it stays reachable until that has ended, though it was switched off."""

from collections.abc import Callable

Counter = Callable[[str], int]
_counters: list[Counter] = []


def counts_use(counter: Counter) -> Counter:
    """Register a function of (plugin name) that tells how many things of this plugin are in use."""
    if counter not in _counters:
        _counters.append(counter)
    return counter


def in_use(plugin: str) -> int:
    """How many things of this plugin are in use."""
    return sum(counter(plugin) for counter in _counters)
