"""Simulated days: after any faults, everybody is told and no work is left over."""

from pathlib import Path

import pytest

from tests.databases import Engine, Sqlite
from tests.queue.disasters import HardDay, RestoredDay
from tests.queue.simulation import Day

REGRESSIONS = [*map(int, (Path(__file__).parent / "seeds.txt").read_text().split())]
SEEDS = {
    "sqlite": [*range(1, 9), *REGRESSIONS],
    "postgresql": [*range(1, 3), *REGRESSIONS],
}


HARD = 2  # a seed with a worker that dies over texts, and 44 events that are given up


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize by the seeds of the engine."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", SEEDS[metafunc.config.getoption("--database")])


def test_a_day_with_faults_ends_consistent(databases: Engine, tmp_path: Path, seed: int) -> None:
    Day(seed, tmp_path, databases).run()


def test_the_simulation_is_deterministic(databases: Engine, tmp_path: Path) -> None:
    histories = set()
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        histories.add(Day(7, tmp_path / name, databases).run())
    assert len(histories) == 1


def test_a_day_with_disasters_ends_consistent(databases: Engine, tmp_path: Path) -> None:
    """The worker restarts, its queue is lost, clocks jump; a listener fails twelve times and is tried again."""
    day = HardDay(HARD, tmp_path, databases)
    day.run()
    assert len(day.given_up) > 0 < sum(day.doubtful.values())


@pytest.mark.parametrize("number", range(1, 5))
def test_a_day_with_a_restore_tells_no_number_twice(databases: Engine, tmp_path: Path, number: int) -> None:
    """Back to an older point: numbers that were told are skipped, no text is sent again, every visit ends (F40)."""
    if not isinstance(databases, Sqlite):
        pytest.skip("PostgreSQL's restore is its own: tests/commands/test_keeping.py")
    day = RestoredDay(number, tmp_path, databases)
    day.run()
    assert sum(each.count for each in day.lost if each.series.startswith("token-")) > 0
