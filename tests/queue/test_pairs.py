"""Concurrent commands are serializable: the outcome is that of one order."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from portal.core.visits import calling, transfers
from tests.databases import Engine
from tests.queue.mutants import NOTHING
from tests.queue.pairs import SCENES, Step, conflicts

# Regressions and the classic races; `make soak` draws any two of a scene.
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
    """A function that creates an empty database and returns its URL."""
    numbers = iter(range(1_000))

    def url() -> str:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        return databases.fresh(folder)

    return url


@pytest.mark.parametrize(("scene", "first", "second"), PAIRS, ids=str)
def test_concurrent_commands_are_serializable(fresh: Callable[[], str], scene: str, first: Step, second: Step) -> None:
    assert list(conflicts(SCENES[scene], first, second, fresh)) == []


def test_a_transfer_without_its_lock_is_detected(fresh: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfers, "write", nullcontext)
    monkeypatch.setattr(transfers, "lock_in_order", NOTHING)
    assert list(conflicts(SCENES["one doctor"], ("transfer", 1, 1, 0), ("leave", 0), fresh)) != []


def test_a_call_without_its_lock_is_detected_with_concurrent_writers(
    fresh: Callable[[], str], monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    """SQLite serializes writers even without the lock."""
    monkeypatch.setattr(calling, "lock", NOTHING)
    expected = pytest.raises(AssertionError, match="Q11: with a doctor who is off duty")
    with nullcontext() if pytestconfig.getoption("--database") == "sqlite" else expected:
        assert list(conflicts(SCENES["waiting"], ("next", 0), ("duty", 0, "off"), fresh)) == []
