"""The worker's watchdog: a dead or hung thread ends the process, other failures end nothing."""

import threading
from datetime import UTC, datetime

import peewee
import pytest

from portal import worker
from portal.work import cause, jobs

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def sweep_of(function):
    return jobs.Periodic(1, function)


def test_a_failing_sweep_does_not_stop_the_others(app, db):
    def broken(now):
        raise ZeroDivisionError

    worker.run_sweep(app, sweep_of(broken), NOW)


def test_a_database_outage_in_a_sweep_is_raised_to_the_loop(app, db):
    def away(now):
        raise peewee.OperationalError("server closed the connection")

    with pytest.raises(peewee.OperationalError):
        worker.run_sweep(app, sweep_of(away), NOW)


def test_a_loop_whose_step_raised_ends_the_worker(monkeypatch):
    failed = threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda _: failed.set())

    def step():
        raise RuntimeError("unforeseen")

    loop = worker.Loop("sweeper", 0.001, step)
    loop.start()
    assert failed.wait(5)
    loop.join(5)
    assert loop.problem() == "ended"


def test_a_hung_loop_ends_the_worker(monkeypatch):
    release, began = threading.Event(), threading.Event()

    def step():
        began.set()
        release.wait(5)

    monkeypatch.setattr(worker, "STUCK_SECONDS", -1)
    loop = worker.Loop("sweeper", 0.001, step)
    loop.start()
    assert began.wait(5)
    assert loop.problem() == "stuck"
    release.set()
    loop.stop()


def test_standby_runs_jobs_of_an_unavailable_queue_once_at_a_time():
    done, both = [], threading.Barrier(2)

    def run(name, row_id):
        both.wait(5)
        done.append((name, row_id))

    standby = worker.Standby(run)
    standby.take("send_message", 1)
    standby.take("send_message", 1)
    both.wait(5)
    standby.stop()
    assert done == [("send_message", 1)]


def test_standby_knows_the_request_that_caused_the_job():
    known = []
    standby, done = (
        worker.Standby(lambda *job: (known.append((*job, cause.request_id())), done.set())),
        threading.Event(),
    )
    with cause.of("8f14e45fceea167a5a36dedd4bea2543"):
        standby.take("send_message", 1)
    assert done.wait(5)
    standby.stop()
    assert known == [("send_message", 1, "8f14e45fceea167a5a36dedd4bea2543")]


def test_the_worker_survives_a_database_outage(app, db, monkeypatch):
    crew, seen = worker.Crew(app), []

    def away(app, sweep, now):
        seen.append(sweep)
        raise peewee.OperationalError("away")

    monkeypatch.setattr(worker, "run_sweep", away)
    monkeypatch.setattr(crew._schedule, "due", lambda: iter([sweep_of(lambda now: None)]))
    crew._sweep()
    crew._sweep()
    assert len(seen) == 2
    crew.standby.stop()
