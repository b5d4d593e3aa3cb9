"""`python -m tests.simulate --seed N`: reproduce one simulated clinic day with faults from its seed."""

import argparse
import tempfile
from pathlib import Path

from tests.databases import engine
from tests.queue.simulation import Day


def main() -> None:
    """Simulate one day; print the hash of its history, or raise AssertionError naming the broken invariant."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulate", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="which day (the same seed gives the same day)")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, engine(chosen.database, Path(folder)) as databases:
        place = Path(folder) / "day"
        place.mkdir()
        history = Day(chosen.seed, place, databases).run()
    print(f"seed {chosen.seed}: no invariant broke; history {history}")  # noqa: T201


if __name__ == "__main__":
    main()
