"""What people press at the same moment, each on a connection of their own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from flask import Flask

from portal.base.errors import Conflict, Unavailable
from portal.store.db import database

TRIES = 20
Result = TypeVar("Result")


def at_once(app: Flask, acts: Sequence[Callable[[], Result]]) -> list[Result | Conflict]:
    """Run functions behind a barrier: what each returned, or the conflict that refused it.

    Whoever is told to try again (a busy machine) does so, as people do; any other error is raised.
    """
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Result]) -> Result | Conflict:
        with app.app_context():
            barrier.wait()
            try:
                return _patiently(act)
            except Conflict as refused:
                return refused
            finally:
                database.close()

    with ThreadPoolExecutor(len(acts)) as crowd:
        return list(crowd.map(run, acts))


def elsewhere(act: Callable[[], Result]) -> Result:
    """Run a function on a connection of its own, as another process has one; what it raises is raised here."""

    def run() -> Result:
        try:
            return act()
        finally:
            database.close()

    with ThreadPoolExecutor(1) as other:
        return other.submit(run).result()


def done(outcomes: Sequence[Result | Conflict]) -> list[Result]:
    """Keep what was not refused."""
    return [outcome for outcome in outcomes if not isinstance(outcome, Conflict)]


def _patiently(act: Callable[[], Result]) -> Result:
    for _ in range(TRIES - 1):
        try:
            return act()
        except Unavailable:
            continue
    return act()
