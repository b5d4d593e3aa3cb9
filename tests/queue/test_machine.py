"""The queue keeps every invariant and agrees with the model for random commands, on either engine."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.databases import Engine
from tests.queue.machine import Queue

RUNS = {"sqlite": 40, "postgresql": 12}  # of 50 steps each; `make soak` takes many more
BUDGET = settings(stateful_step_count=50, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck))


def test_random_commands_keep_every_invariant(databases: Engine, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    folders = iter(range(1_000_000))

    def fresh() -> str:
        folder = tmp_path / str(next(folders))
        folder.mkdir()
        return databases.fresh(folder)

    Queue.fresh_url = staticmethod(fresh)
    runs = RUNS[pytestconfig.getoption("--database")]
    run_state_machine_as_test(Queue, settings=settings(BUDGET, max_examples=runs))
