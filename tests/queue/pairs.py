"""Concurrent commands: the second is run at every point where the first holds no lock.

At each point, answers and state must be those of one serial order (safety.md 4.4).
"""

import copy
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from portal.store import db
from portal.store.db import database
from tests.queue import invariants
from tests.queue.machine import START
from tests.queue.model import Model
from tests.queue.world import World

Step = tuple[Any, ...]
Outcome = tuple[str, str, list[tuple[object, ...]]]
MOST_POINTS = 50
SWEEP: Step = ("sweep",)
LOCKS = ("UPDATE", "INSERT", "DELETE")
CLINIC: dict[str, Any] = {"specialties": 2, "priority": [0, 0, 0, 0], "quota": 50}


@dataclass(frozen=True)
class Scene:
    """A state of a day, and the commands to interleave in it."""

    setup: list[Step]
    commands: list[Step]
    doctors: int = 4


def _on_duty(doctors: int) -> list[Step]:
    return [("duty", doctor, "on") for doctor in range(doctors)]


WAITING: list[Step] = [*_on_duty(4), ("request", 0, 0), ("request", 1, 0), ("here", 0), ("here", 1)]
CALLED: list[Step] = [*WAITING, ("next", 0), ("next", 2)]
IN_CALL: list[Step] = [*CALLED, ("accept", 0)]
LAST_HOUR: list[Step] = [("tick", 3.5 * 3600 - 20), ("poll", 0), ("tick", 20)]
SENT: list[Step] = [("transfer", 0, 0, 1), ("hand_over", 0, 0, 2)]
ENDS: list[Step] = [("skip", 0), ("cancel", 0), ("not_held", 0, 0), ("complete", 0), *SENT]
SCENES = {
    "waiting": Scene(
        WAITING,
        [
            ("next", 0),
            ("next", 2),
            ("cancel", 0),
            ("emergency", 0, 0),
            ("emergency", 2, 0),
            *SENT,
            ("duty", 0, "off"),
            ("leave", 0),
            ("request", 0, 1),
            ("request", 2, 0),
            ("here", 0),
        ],
    ),
    "called": Scene(CALLED, [("accept", 0), ("undo", 0, 0), ("duty", 0, "off"), ("leave", 0), ("next", 0), *ENDS]),
    "in call": Scene(IN_CALL, [("end_call", 0), ("poll", 0), ("leave", 0), ("next", 0), ("accept", 0), *ENDS]),
    "not answered": Scene(
        [*CALLED, ("tick", 120)],
        [
            ("sweep",),
            ("accept", 0),
            ("undo", 0, 0),
            ("request", 2, 0),
            *ENDS,
        ],
    ),
    "page silent": Scene([*IN_CALL, ("tick", 1100)], [("sweep",), ("poll", 0), ("end_call", 0), *ENDS]),
    "missed": Scene(
        [*CALLED, ("tick", 121), ("sweep",)],
        [
            ("recall", 0, 0),
            ("recall", 2, 0),
            ("here", 0),
            ("emergency", 0, 0),
            ("next", 0),
            *ENDS,
        ],
    ),
    "sent on": Scene(
        [*WAITING, ("transfer", 0, 0, 1)],
        [
            ("undo", 0, 0),
            ("next", 1),
            ("cancel", 0),
            ("here", 0),
            ("transfer", 1, 0, 0),
            ("leave", 1),
        ],
    ),
    "not held": Scene(
        [*CALLED, ("not_held", 0, 0)],
        [
            ("undo", 0, 0),
            ("request", 0, 0),
            ("request", 0, 1),
            ("next", 0),
            ("leave", 0),
        ],
    ),
    "last hour": Scene(
        [*_on_duty(4), ("request", 0, 0), ("request", 1, 1), ("here", 0), ("next", 0), ("accept", 0), *LAST_HOUR],
        [("sweep",), ("duty", 1, "off"), ("next", 1), *ENDS],
    ),
    "nobody yet": Scene([], [("request", 0, 0), ("request", 1, 1), ("leave", 0), ("duty", 0, "on")], doctors=2),
    "one doctor": Scene(
        [*_on_duty(2), ("request", 0, 0), ("here", 0), ("request", 1, 1)],
        [
            ("leave", 0),
            ("request", 2, 0),
            ("next", 0),
            ("emergency", 0, 0),
            ("transfer", 1, 1, 0),
            ("duty", 0, "on"),
            ("cancel", 0),
        ],
        doctors=2,
    ),
}


class Pause:
    """Counts the points where a command could be interrupted, and interrupts it at one of them."""

    def __init__(self, at: int, other: Step, world: World) -> None:
        self.at, self.other, self.world = at, other, world
        self.passed, self.holds_lock, self.answer = 0, False, ""
        self.thread = threading.current_thread()

    def here(self) -> None:
        """A point without a lock: interrupt if it is the chosen one."""
        if self.passed == self.at:
            self.interrupt()
        self.passed += 1

    def interrupt(self) -> None:
        """Run the other command in a thread with its own connection."""
        somebody = threading.Thread(target=self._do_other)
        somebody.start()
        somebody.join()

    def _do_other(self) -> None:
        try:
            self.answer = take(self.world, self.other)
        except Exception as error:  # noqa: BLE001 an answer that no rule gives
            self.answer = repr(error)
        finally:
            database.close()

    def statement(self, sql: str) -> None:
        """Before a statement: is this a point without a lock?"""
        if not database.in_transaction():
            self.holds_lock = False
            self.here()
        elif not db.is_sqlite() and not self.holds_lock:  # SQLite locks the database at BEGIN
            self.here()
            self.holds_lock = sql.startswith(LOCKS)

    def answered(self, sql: str, rows: int) -> None:
        """After a statement: rows found by FOR UPDATE are locked."""
        self.holds_lock |= "FOR UPDATE" in sql and rows > 0


def conflicts(scene: Scene, first: Step, second: Step, url: Callable[[], str]) -> Iterator[str]:
    """Yield each outcome that is not serializable, for each point at which `second` interrupts `first`."""
    expected = outcomes(scene, first, second)
    for at in range(MOST_POINTS):
        outcome = interleave(url(), scene, first, second, at)
        if outcome is None:
            return
        if outcome not in expected:
            yield f"{second} at point {at} of {first}: {outcome}, not one of {expected}"


def outcomes(scene: Scene, first: Step, second: Step) -> list[Outcome]:
    """Return the outcomes of both serial orders; the interrupted command may also conflict and change nothing."""
    model, now = Model(**CLINIC, doctors=scene.doctors), START
    for command, *arguments in scene.setup:
        now += timedelta(seconds=arguments[0]) if command == "tick" else timedelta()
        if command != "tick":
            model.do(command, now, *arguments)
    forward, backward, alone = model, copy.deepcopy(model), copy.deepcopy(model)
    answers = [_rule(forward, first, now), _rule(forward, second, now)]
    reverse = [_rule(backward, second, now), _rule(backward, first, now)]
    only = _rule(alone, second, now)
    if SWEEP in (first, second):
        for each in (forward, backward, alone):
            _rule(each, SWEEP, now)
    return [
        (answers[0], answers[1], forward.state()),
        (reverse[1], reverse[0], backward.state()),
        ("refused", only, alone.state()),
    ]


def interleave(url: str, scene: Scene, first: Step, second: Step, at: int) -> Outcome | None:
    """Run `second` at point `at` of `first`; None if there are fewer points."""
    world = World(url, START, **CLINIC, doctors=scene.doctors)
    try:
        for command, *arguments in scene.setup:
            world.tick(*arguments) if command == "tick" else world.do(command, *arguments)
        pause = Pause(at, second, world)
        with _interrupted(pause):
            answer = take(world, first)
        if SWEEP in (first, second):
            take(world, SWEEP)  # a sweep is many transactions: the next one does the rest
        invariants.check(world.now)
        return (answer, pause.answer, world.state()) if pause.answer else None
    finally:
        world.close()


def take(world: World, step: Step) -> str:
    """Run a command."""
    command, *arguments = step
    return world.do(command, *arguments)


def _rule(model: Model, step: Step, now: datetime) -> str:
    command, *arguments = step
    return model.do(command, now, *arguments)


@contextmanager
def _interrupted(pause: Pause) -> Iterator[None]:
    real, gate = database.obj.execute_sql, db._gate.passed

    def execute_sql(sql: str, *arguments: Any, **options: Any) -> Any:
        if threading.current_thread() is not pause.thread:
            return real(sql, *arguments, **options)
        pause.statement(sql)
        cursor = real(sql, *arguments, **options)
        pause.answered(sql, cursor.rowcount)
        return cursor

    @contextmanager
    def passed() -> Iterator[None]:
        if threading.current_thread() is pause.thread:
            pause.statement("BEGIN")
        with gate():
            yield

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database.obj, "execute_sql", execute_sql)
        patch.setattr(db._gate, "passed", passed)
        yield
