"""`make bench-plugins`: overhead of ten active plugins for a request and a job; SQLite in its own folder."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from types import ModuleType

from portal.base.clock import now
from portal.contracts import NavItem
from portal.plugin_host.registry import Registry
from portal.plugin_host.switches import switch
from portal.testing import running
from portal.work.audit import SYSTEM

PLUGINS = 10
LINK = [NavItem("Link", "/x", frozenset({"doctor"}))]


def main() -> None:
    """Measure, and print the table."""
    with tempfile.TemporaryDirectory() as folder, running("bench", _plugin("bench"), Path(folder)) as portal:
        for number in range(PLUGINS):
            portal.install(f"bench_{number}", **vars(_plugin(f"bench_{number}")))
        for line in measured(portal.registry):
            sys.stdout.write(line + "\n")


def measured(registry: Registry) -> Iterator[str]:
    """Measure each cost and return its line."""
    yield _line("registry check, nothing changed", _times(registry.sync, 5000))
    yield _line(f"one hook of {PLUGINS} plugins", _times(lambda: registry.collect("nav_items", role="doctor"), 2000))
    yield _line("a plugin's settings", _times(lambda: registry.settings("bench_1"), 2000))
    yield _line("a switch, written and taken over here", _times(_flip(), 60))
    yield _line("a switch, taken over by another process", _times(_newcomers(registry, 100), 100))


def _plugin(name: str) -> ModuleType:
    module = ModuleType(name, name)
    module.__file__ = __file__
    vars(module)["nav_items"] = lambda role: LINK
    return module


def _flip() -> Callable[[], None]:
    states = iter([False, True] * 1000)
    return lambda: switch("bench_1", next(states), by=SYSTEM, now=now())


def _newcomers(registry: Registry, turns: int) -> Callable[[], None]:
    """Measure rebuilding the snapshot, as at the first request after a switch in another process."""
    others = iter([Registry(registry.config, registry.installed) for _ in range(turns + 1)])
    return lambda: next(others).sync()


def _times(function: Callable[[], object], turns: int) -> list[float]:
    function()
    times = []
    for _ in range(turns):
        started = perf_counter()
        function()
        times.append(perf_counter() - started)
    return times


def _line(what: str, times: list[float]) -> str:
    times.sort()
    return f"{what:42} {median(times) * 1000:8.3f} ms median, {times[int(len(times) * 0.99)] * 1000:8.3f} ms 99th"


if __name__ == "__main__":
    main()
