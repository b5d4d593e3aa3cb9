"""What people press at the same moment, each on a connection of their own."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

import peewee
import pytest
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


def meanwhile(monkeypatch: pytest.MonkeyPatch, pattern: str, act: Callable[[], object]) -> None:
    """Run `act` once, right before the first statement that matches: what another process does, or a failure."""
    real = database.obj.execute_sql

    def execute_sql(sql: str, *arguments: Any, **options: Any) -> Any:
        if re.search(pattern, sql):
            monkeypatch.setattr(database.obj, "execute_sql", real)
            act()
        return real(sql, *arguments, **options)

    monkeypatch.setattr(database.obj, "execute_sql", execute_sql)


def lost() -> None:
    """Fail as the database does when its connection breaks."""
    raise peewee.OperationalError("planted: the connection is lost")


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
