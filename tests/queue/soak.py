"""`make soak MINUTES=n`: machine runs and simulated days, seed after seed, until the time is over."""

import secrets
import sys
import tempfile
import time
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from tests.databases import Engine, engine
from tests.queue.liveness import ServedDay
from tests.queue.machine import Queue
from tests.queue.simulation import Day

EXAMPLES, STEPS, DAYS = 100, 50, 20
SERVED = 4  # one day in so many turns good while the clinic is open


class Counted(Queue):
    """The machine, counting the steps it really takes: many a run ends before its last allowed step."""

    steps = 0

    @invariant()
    def one_more(self) -> None:
        Counted.steps += 1


def main(minutes: float) -> None:
    """Alternate between the two on SQLite; a failure prints its seed and ends with 1."""
    end, days, started = time.monotonic() + minutes * 60, 0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder, engine("sqlite", Path(folder)) as databases:
        while time.monotonic() < end:
            _machine(databases)
            for _ in range(DAYS):
                _day(secrets.randbelow(10**9), databases)
                days += 1
            print(f"{time.monotonic() - started:6.0f} s: {Counted.steps} steps, {days} days, no failure", flush=True)  # noqa: T201


def _machine(databases: Engine) -> None:
    with tempfile.TemporaryDirectory() as folder:
        numbers = iter(range(10**9))

        def fresh() -> str:
            place = Path(folder) / str(next(numbers))
            place.mkdir()
            return databases.fresh(place)

        Counted.fresh_url = staticmethod(fresh)
        budget = settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, print_blob=True,
            suppress_health_check=list(HealthCheck), database=None,
        )  # fmt: skip
        run_state_machine_as_test(Counted, settings=budget)


def _day(seed: int, databases: Engine) -> None:
    with tempfile.TemporaryDirectory() as folder:
        kind = ServedDay if seed % SERVED == 0 else Day
        try:
            kind(seed, Path(folder), databases).run()
        except AssertionError:
            print(f"seed {seed} of {kind.__name__}: add it to tests/queue/seeds.txt", flush=True)  # noqa: T201
            raise


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10)
