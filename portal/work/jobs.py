"""Background jobs: a job is a name and the id of a row; the row is the truth, the queue only saves time.

The task queue may lose a job at any time (safety.md 0.1), so each job has a periodic sweep that finds orphaned rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from portal.store.db import after_commit
from portal.work.names import refuse_second

Job = Callable[[int, datetime], None]
Sweep = Callable[[datetime], None]
Through = Callable[[str, int, Callable[[], None]], None]  # of name, row, and what runs it
log = structlog.get_logger(__name__)

# Each lane is a task queue with its own thread pool, so that waiting for a gateway never delays the rest, or an OTP.
LANES = ("main", "events", "urgent", "texts", "plugins", "files", "bridge", "records")
JOBS: dict[str, Job] = {}
_lanes: dict[str, str] = {}
SWEEPS: list["Periodic"] = []
STOPS: list[Callable[[], None]] = []
_through: list["Through"] = []


@dataclass(frozen=True)
class Periodic:
    """A scheduled function, run every `every` seconds by the worker; `grace` as in `sweep`."""

    every: float
    run: Sweep
    grace: float = 0


def job(function: Job) -> Job:
    """Register a job, a function of (row id, now). Raises NameTaken for a name in use: the queue carries only that."""
    refuse_second("jobs", function.__name__, function, JOBS.get(function.__name__))
    JOBS[function.__name__] = function
    return function


def in_lane(lane: str) -> Callable[[Job], Job]:
    """Register a job in this lane."""

    def register(function: Job) -> Job:
        job(function)
        _lanes[function.__name__] = lane
        return function

    return register


def lane_of(name: str) -> str:
    """Return a job's lane."""
    return _lanes.get(name, LANES[0])


def sweep(every: float, grace: float = 0) -> Callable[[Sweep], Sweep]:
    """Schedule a function of (now) to run every `every` seconds in the worker.

    `grace`: a grace period in seconds after a start or a step of the clock, for sweeps that expire what was silent.
    Raises NameTaken for a name in use: it identifies the sweep in the log.
    """

    def register(function: Sweep) -> Sweep:
        taken = next((sweep.run for sweep in SWEEPS if sweep.run.__name__ == function.__name__), None)
        refuse_second("sweeps", function.__name__, function, taken)
        SWEEPS.append(Periodic(every, function, grace))
        return function

    return register


def run_through(function: Through) -> None:
    """Set what each job goes through, such as a span of a trace, in the place of what was set before."""
    _through[:] = [function]


def run(name: str, row_id: int, now: datetime) -> None:
    """Run a job of this name. Raises what it raises, KeyError for an unknown name."""
    work = partial(JOBS[name], row_id, now)
    for through in _through:
        return through(name, row_id, work)
    return work()


def at_stop(function: Callable[[], None]) -> Callable[[], None]:
    """Register a shutdown hook of the worker, for what should not wait until a lease expires."""
    STOPS.append(function)
    return function


def stop() -> None:
    """Run the shutdown hooks."""
    for function in STOPS:
        function()


def _no_queue(name: str, row_id: int) -> None:
    log.debug("job_left_to_the_sweep", job=name, row=row_id)


_dispatch: Callable[[str, int], None] = _no_queue


def connect(dispatch: Callable[[str, int], None]) -> None:
    """Set where jobs are enqueued (the task queue; a list in tests)."""
    global _dispatch
    _dispatch = dispatch


def enqueue(which: Job | str, row_id: int) -> None:
    """Enqueue the job after the current transaction commits. A queue that is down costs a delay, never the change.

    `which` is the function, or its name where it lives in a room above.
    """
    name = which if isinstance(which, str) else which.__name__
    after_commit(lambda: _dispatch_now(name, row_id))


def _dispatch_now(name: str, row_id: int) -> None:
    try:
        _dispatch(name, row_id)
    except Exception as error:  # noqa: BLE001 whatever is wrong with the queue, the sweep finds the row
        log.warning("job_left_to_the_sweep", job=name, row=row_id, error=type(error).__name__)
