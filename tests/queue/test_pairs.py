"""Two people at the same moment, one of them in the middle of what the other does: as if one had come first."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from portal.core.visits import calling, transfers
from tests.databases import Engine
from tests.queue.mutants import NOTHING
from tests.queue.pairs import SCENES, Step, parts

# Those that once went wrong, and the classic ones; `make soak` draws any two of a scene.
PAIRS: list[tuple[str, Step, Step]] = [
    ("last hour", ("transfer", 0, 0, 1), ("sweep",)),
    ("last hour", ("sweep",), ("transfer", 0, 0, 1)),
    ("last hour", ("sweep",), ("complete", 0)),
    ("not answered", ("sweep",), ("request", 2, 0)),
    ("one doctor", ("transfer", 1, 1, 0), ("leave", 0)),
    ("one doctor", ("request", 2, 0), ("leave", 0)),
    ("one doctor", ("leave", 0), ("next", 0)),
    ("nobody yet", ("request", 0, 0), ("leave", 0)),
    ("nobody yet", ("leave", 0), ("request", 0, 0)),
    ("waiting", ("next", 0), ("next", 2)),
    ("waiting", ("duty", 0, "off"), ("next", 0)),
    ("not held", ("undo", 0, 0), ("request", 0, 0)),
    ("not held", ("undo", 0, 0), ("leave", 0)),
    ("sent on", ("undo", 0, 0), ("next", 1)),
]


@pytest.fixture
def fresh(databases: Engine, tmp_path: Path) -> Callable[[], str]:
    """Empty databases, one after the other."""
    numbers = iter(range(1_000))

    def url() -> str:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        return databases.fresh(folder)

    return url


@pytest.mark.parametrize(("scene", "first", "second"), PAIRS, ids=str)
def test_whoever_comes_between_the_outcome_is_that_of_one_order(
    fresh: Callable[[], str], scene: str, first: Step, second: Step
) -> None:
    assert list(parts(SCENES[scene], first, second, fresh)) == []


def test_sending_on_without_the_lock_would_be_seen(fresh: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfers, "write", nullcontext)
    monkeypatch.setattr(transfers, "lock_in_order", NOTHING)
    assert list(parts(SCENES["one doctor"], ("transfer", 1, 1, 0), ("leave", 0), fresh)) != []


def test_calling_without_the_lock_would_be_seen_where_two_write_at_once(
    fresh: Callable[[], str], monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    """SQLite lets one writer in at a time, lock or no lock."""
    monkeypatch.setattr(calling, "lock", NOTHING)
    expected = pytest.raises(AssertionError, match="Q11: with a doctor who is off duty")
    with nullcontext() if pytestconfig.getoption("--database") == "sqlite" else expected:
        assert list(parts(SCENES["waiting"], ("next", 0), ("duty", 0, "off"), fresh)) == []
