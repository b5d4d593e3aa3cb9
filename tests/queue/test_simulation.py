"""Simulated days: whatever goes wrong, in the end everybody is told and nothing is left over."""

from pathlib import Path

import pytest

from tests.databases import Engine
from tests.queue.simulation import Day

KEPT = [*map(int, (Path(__file__).parent / "seeds.txt").read_text().split())]  # days that once went wrong
SEEDS = {"sqlite": [*range(1, 9), *KEPT], "postgresql": [*range(1, 3), *KEPT]}  # `make soak` runs many more


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """As many days as the engine's time allows."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", SEEDS[metafunc.config.getoption("--database")])


def test_a_bad_day_ends_well(databases: Engine, tmp_path: Path, seed: int) -> None:
    Day(seed, tmp_path, databases).run()


def test_the_same_seed_gives_the_same_day(databases: Engine, tmp_path: Path) -> None:
    histories = set()
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        histories.add(Day(7, tmp_path / name, databases).run())
    assert len(histories) == 1
