"""`make soak MINUTES=n`: random machine runs, simulated days and concurrent pairs, until the timeout.

What fails is kept: a day's seed in tests/queue/seeds.txt, which every run of the tests repeats; the shrunk steps of the
machine in `.hypothesis/soak`, which the next soak tries first. It also lets the machine find each planted bug (mutant)
by itself.
"""

import itertools
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.stateful import invariant, run_state_machine_as_test

from tests.databases import Engine, engine
from tests.queue.disasters import HardDay
from tests.queue.liveness import SERVED, ServedDay
from tests.queue.machine import Queue
from tests.queue.mutants import MUTANTS, Mutant
from tests.queue.mutants_of_time import MUTANTS_OF_TIME
from tests.queue.pairs import SCENES, conflicts
from tests.queue.simulation import Day

EXAMPLES, STEPS, DAYS, PAIRS = 100, 50, 20, 20
HUNT = 200  # runs per mutant; one not found is retried later
KEPT = DirectoryBasedExampleDatabase(".hypothesis/soak")
SEEDS = Path(__file__).with_name("seeds.txt")


class Counted(Queue):
    """The machine, counting the steps it takes: runs may end early."""

    steps = 0

    @invariant()
    def one_more(self) -> None:
        Counted.steps += 1


class Hunter(Queue):
    """The machine that looks for mutants, with its own count."""

    steps = 0

    @invariant()
    def one_more(self) -> None:
        Hunter.steps += 1


def main(minutes: float, name: str) -> None:
    """Alternate between them on an engine; a failure keeps its seed and exits with 1."""
    end, days, started = time.monotonic() + minutes * 60, 0, time.monotonic()
    hidden = dict(MUTANTS | MUTANTS_OF_TIME)
    with tempfile.TemporaryDirectory() as folder, engine(name, Path(folder)) as databases:
        while time.monotonic() < end:
            _machine(databases)
            for _ in range(DAYS):
                _day(secrets.randbelow(10**9), databases)
                days += 1
            _pairs(databases)
            _hunt(databases, hidden)
            print(  # noqa: T201
                f"{time.monotonic() - started:6.0f} s: {Counted.steps} steps, {days} days, no failure; "
                f"{len(hidden)} planted bugs are still to be found",
                flush=True,
            )


def _fresh(databases: Engine, folder: str) -> Callable[[], str]:
    numbers = itertools.count()

    def fresh() -> str:
        place = Path(folder) / str(next(numbers))
        place.mkdir()
        return databases.fresh(place)

    return fresh


def _machine(databases: Engine, machine: type[Queue] = Counted, **options: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        machine.fresh_url = staticmethod(_fresh(databases, folder))
        options = {"max_examples": EXAMPLES, "print_blob": True, "database": KEPT} | options
        budget = settings(stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck), **options)
        run_state_machine_as_test(machine, settings=budget)


def _pairs(databases: Engine) -> None:
    for _ in range(PAIRS):
        scene = secrets.choice(list(SCENES.values()))
        first, second = secrets.choice(scene.commands), secrets.choice(scene.commands)
        with tempfile.TemporaryDirectory() as folder:
            assert list(conflicts(scene, first, second, _fresh(databases, folder))) == []


def _hunt(databases: Engine, hidden: dict[str, Mutant]) -> None:
    """Plant the next mutant; any failure means it was found."""
    if not hidden:
        return
    name, mutant = next(iter(hidden.items()))
    del hidden[name]
    Hunter.steps = 0
    with pytest.MonkeyPatch.context() as patch:
        mutant.plant(patch)
        try:
            _machine(
                databases, Hunter, max_examples=HUNT, phases=[Phase.generate], verbosity=Verbosity.quiet, database=None
            )
        except Exception as error:  # noqa: BLE001
            print(f"found after {Hunter.steps} steps: {name} ({str(error)[:60]})", flush=True)  # noqa: T201
        else:
            hidden[name] = mutant


def _day(seed: int, databases: Engine) -> None:
    with tempfile.TemporaryDirectory() as folder:
        kind = ServedDay if seed % SERVED == 0 else HardDay if seed % SERVED == 1 else Day
        try:
            kind(seed, Path(folder), databases).run()
        except AssertionError:
            keep(seed, kind.__name__)
            raise


def keep(seed: int, kind: str, file: Path = SEEDS) -> None:
    """Write the seed of a day that failed to where every run of the tests finds it."""
    with file.open("a", encoding="utf-8") as seeds:
        seeds.write(f"{seed}\n")
    print(f"seed {seed} of {kind} failed; kept in {file}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10, sys.argv[2] if len(sys.argv) > 2 else "sqlite")
