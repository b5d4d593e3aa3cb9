"""What no planted bug of the day's commands breaks alone is broken once, and named (Q21, Q32 to Q34)."""

from pathlib import Path

import pytest

from portal.core.outbox import delivery as outbox
from portal.core.visits import queue_order, services
from portal.work import events
from tests.databases import Engine
from tests.factories import make_session, make_visit
from tests.queue import invariants
from tests.queue.liveness import ServedDay
from tests.queue.mutants import NOTHING
from tests.queue.simulation import Day, Weather

LOSES_JOBS = Weather(crash=0, lost_job=0.3, failed_sms=0, dead_worker=0, vanishing_doctor=0, deaf_patient=0)


def test_who_asked_later_and_has_the_earlier_number_is_named(db, now) -> None:
    session = make_session()
    make_visit(session=session, number=2)
    invariants.Watch().look(now)
    make_visit(session=session, number=1)
    with pytest.raises(AssertionError, match=r"^Q21: "):
        invariants.Watch().look(now)


@pytest.mark.parametrize(
    ("room", "sweep", "told"),
    [(outbox, "sweep_due", "messages are not final"), (events, "sweep_undelivered", "an event was never delivered")],
)
def test_without_its_sweep_a_lost_job_is_never_done(
    databases: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room, sweep: str, told: str
) -> None:
    monkeypatch.setattr(room, sweep, NOTHING)
    day = Day(1, tmp_path, databases)
    day.weather = LOSES_JOBS
    with pytest.raises(AssertionError, match=rf"Q32: .*{told}"):
        day.run()


def test_a_doctor_who_never_ends_a_consultation_keeps_others_waiting(
    databases: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "complete", NOTHING)
    with pytest.raises(AssertionError, match=r"^Q33: "):
        ServedDay(1, tmp_path, databases).run()


def test_a_doctor_who_is_given_nobody_is_idle(
    databases: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_order, "first_present", NOTHING)
    with pytest.raises(AssertionError, match=r"^Q34: "):
        ServedDay(1, tmp_path, databases).run()
