"""Work after the answer: a job carries a name and the id of a row, and the row is the promise.

The task queue may lose a job at any time (safety.md 0.1); each job therefore has a sweep that finds rows left behind.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from portal.store.db import after_commit
from portal.work.names import refuse_second

Job = Callable[[int, datetime], None]
Sweep = Callable[[datetime], None]
log = structlog.get_logger(__name__)

# Each lane is a queue with threads of its own. What waits for a gateway never holds up the rest, nor the rest an OTP.
LANES = ("main", "events", "urgent", "texts", "plugins", "files", "bridge", "records")
JOBS: dict[str, Job] = {}
_lanes: dict[str, str] = {}
SWEEPS: list["Periodic"] = []
STOPS: list[Callable[[], None]] = []


@dataclass(frozen=True)
class Periodic:
    """A function the worker runs every so many seconds; `patience` as in `sweep`."""

    every: float
    run: Sweep
    patience: float = 0


def job(function: Job) -> Job:
    """Register a function of (row id, now) under its name. Raises NameTaken: the queue carries nothing but the name."""
    refuse_second("jobs", function.__name__, function, JOBS.get(function.__name__))
    JOBS[function.__name__] = function
    return function


def in_lane(lane: str) -> Callable[[Job], Job]:
    """Register a function of (row id, now) whose calls wait in this lane."""

    def register(function: Job) -> Job:
        job(function)
        _lanes[function.__name__] = lane
        return function

    return register


def lane_of(name: str) -> str:
    """The lane in which a job's calls wait."""
    return _lanes.get(name, LANES[0])


def sweep(every: float, patience: float = 0) -> Callable[[Sweep], Sweep]:
    """Register a function of (now) to run every `every` seconds in the worker.

    One that punishes silence has patience: for so long after a start, or a step of the clock, people are heard first.
    Raises NameTaken when another one is called so: the name is what the log tells of it.
    """

    def register(function: Sweep) -> Sweep:
        taken = next((sweep.run for sweep in SWEEPS if sweep.run.__name__ == function.__name__), None)
        refuse_second("sweeps", function.__name__, function, taken)
        SWEEPS.append(Periodic(every, function, patience))
        return function

    return register


def at_stop(function: Callable[[], None]) -> Callable[[], None]:
    """Register a function that the worker calls before it ends, for what should not wait until a lease is over."""
    STOPS.append(function)
    return function


def stop() -> None:
    """Do what was registered with `at_stop`."""
    for function in STOPS:
        function()


def _nowhere(name: str, row_id: int) -> None:
    log.debug("job_left_to_the_sweep", job=name, row=row_id)


_dispatch: Callable[[str, int], None] = _nowhere


def connect(dispatch: Callable[[str, int], None]) -> None:
    """Say where jobs go (the task queue; a list in tests)."""
    global _dispatch
    _dispatch = dispatch


def enqueue(which: Job | str, row_id: int) -> None:
    """Run the job after the present transaction is committed. A queue that is down costs delay, never the change.

    `which` is the function, or its name where the room above does the work.
    """
    name = which if isinstance(which, str) else which.__name__
    after_commit(lambda: _hand_over(name, row_id))


def _hand_over(name: str, row_id: int) -> None:
    try:
        _dispatch(name, row_id)
    except Exception as error:  # noqa: BLE001 whatever is wrong with the queue, the row is there
        log.warning("job_left_to_the_sweep", job=name, row=row_id, error=type(error).__name__)
