"""Ten SIGKILLs under whole journeys, on each engine: what was acknowledged survives once. `make soak`: a hundred."""

from pathlib import Path

import pytest

from tests.kills.fire import under_fire
from tests.kills.rig import Engine
from tests.servers import need

KILLS, SEED = 10, 12  # on each engine


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_every_acknowledged_write_survives_any_kill_once(engine: Engine, tmp_path: Path) -> None:
    """Sign-in, registration, referral, token, upload, call, notes, prescription, file, medicines, texts, audit log."""
    need("pdftotext", "nobody reads the code on a prescription")
    outcome = under_fire(engine, KILLS, SEED, tmp_path)
    assert outcome.faults == [], str(outcome)
    assert sum(outcome.killed.values()) >= KILLS
