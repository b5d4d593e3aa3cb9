"""Liveness: once faults end, every waiting patient is called in time, and no doctor is idle (Q33, Q34)."""

from pathlib import Path

import pytest

from tests.databases import Engine
from tests.queue.liveness import SERVED, ServedDay

KEPT = [int(seed) for seed in (Path(__file__).parent / "seeds.txt").read_text().split() if int(seed) % SERVED == 0]
SEEDS = {"sqlite": [*range(1, 6), *KEPT], "postgresql": [*range(1, 3), *KEPT]}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize by the seeds of the engine."""
    metafunc.parametrize("seed", SEEDS[metafunc.config.getoption("--database")])


def test_every_waiting_patient_is_called_in_time_once_faults_end(databases: Engine, tmp_path: Path, seed: int) -> None:
    ServedDay(seed, tmp_path, databases).run()
