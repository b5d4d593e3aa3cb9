"""Once nothing goes wrong any more, everybody who waits is called in time, and no doctor sits idle (Q33, Q34)."""

from pathlib import Path

import pytest

from tests.databases import Engine
from tests.queue.liveness import ServedDay

SEEDS = {"sqlite": range(1, 6), "postgresql": range(1, 3)}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """As many mornings as the engine's time allows."""
    metafunc.parametrize("seed", SEEDS[metafunc.config.getoption("--database")])


def test_everybody_is_called_in_time_once_the_morning_turns_good(databases: Engine, tmp_path: Path, seed: int) -> None:
    ServedDay(seed, tmp_path, databases).run()
