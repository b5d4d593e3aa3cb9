"""The task queue: signed messages of ids; an unsigned task never runs (S43)."""

import json
import pickle
from datetime import UTC, datetime, timedelta

import pytest
from huey.registry import Message
from structlog.testing import capture_logs

from portal.base import clock, keys, signed
from portal.tasks import PURPOSE, SignedJson, make_queue, run_job, waited
from portal.work import cause, jobs
from portal.worker import Schedule


@pytest.fixture
def serializer():
    keys.install("a key of the queue " * 2)
    return SignedJson()


def test_a_task_round_trips(serializer):
    message = Message("id", "portal.tasks.run", None, 0, 0, None, ("send_message", 7), {}, None, None)
    back = serializer.deserialize(serializer.serialize(message))
    assert (back.id, back.name, back.args) == ("id", "portal.tasks.run", ("send_message", 7))


@pytest.mark.parametrize("data", [b"", b"x.y", pickle.dumps(Message("i", "n", None)), b"0" * 64 + b'.{"id":1}'])
def test_a_task_with_a_wrong_signature_is_refused(serializer, data):
    with pytest.raises(ValueError, match="wrong signature"):
        serializer.deserialize(data)


def test_a_task_signed_with_another_key_is_refused(serializer):
    message = Message("id", "portal.tasks.run", None, 0, 0, None, ("send_message", 7), {}, None, None)
    written = serializer.serialize(message)
    keys.install("a stranger's key, long enough " * 2)
    with pytest.raises(ValueError, match="wrong signature"):
        serializer.deserialize(written)


def test_a_queued_task_survives_a_key_rotation(serializer):
    message = Message("id", "portal.tasks.run", None, 0, 0, None, ("send_message", 7), {}, None, None)
    written = serializer.serialize(message)
    keys.install("a new key of the queue " * 2 + "," + "a key of the queue " * 2)
    assert serializer.deserialize(written).args == ("send_message", 7)


def test_only_tasks_are_serialised(serializer):
    with pytest.raises(TypeError):
        serializer.serialize({"result": 1})


def test_a_job_goes_through_the_real_queue(app, clock, monkeypatch):
    done = []
    monkeypatch.setitem(jobs.JOBS, "remember", lambda row_id, now: done.append(row_id))
    queue = app.extensions["portal.queue"]
    jobs._dispatch("remember", 42)
    assert queue.pending_count() == 1
    queue.execute(queue.dequeue())
    assert done == [42]


def test_a_job_knows_the_request_that_enqueued_it(app, clock, monkeypatch):
    known = []
    monkeypatch.setitem(jobs.JOBS, "remember", lambda row_id, now: known.append((row_id, cause.request_id())))
    queue = app.extensions["portal.queue"]
    with cause.of("8f14e45fceea167a5a36dedd4bea2543"):
        jobs._dispatch("remember", 1)
    jobs._dispatch("remember", 2)
    for _ in range(2):
        queue.execute(queue.dequeue())
    assert known == [(1, "8f14e45fceea167a5a36dedd4bea2543"), (2, "")]


def test_a_task_of_an_older_version_is_still_done(app, clock, monkeypatch):
    done = []
    monkeypatch.setitem(jobs.JOBS, "remember", lambda row_id, now: done.append(row_id))
    queue = app.extensions["portal.queue"]
    body = json.dumps({"id": "1", "task": "portal.tasks.run", "args": ["remember", 7]})
    queue.storage.enqueue(signed.mark(PURPOSE, body).encode() + b"." + body.encode())
    assert waited(queue, clock.now()) == 0
    queue.execute(queue.dequeue())
    assert done == [7]


def test_a_failing_job_does_not_affect_others(app, clock, monkeypatch):
    def fail(row_id, now):
        raise RuntimeError

    monkeypatch.setitem(jobs.JOBS, "fail", fail)
    run_job(app, "fail", 1)


def test_an_unavailable_queue_does_not_fail_the_change(db, queue, monkeypatch):
    def away(name, row_id):
        raise OSError("no queue")

    jobs.connect(away)
    jobs.enqueue(jobs.JOBS["deliver"], 1)


def test_each_deployment_has_its_own_queue(config):
    config.data_dir.mkdir(parents=True, exist_ok=True)
    assert make_queue(config).pending_count() == 0


@pytest.mark.parametrize("step", [3600, -3600])
def test_expiring_sweeps_have_a_grace_period_after_a_start_and_a_clock_step(monkeypatch, step):
    """F35, F45: presence is renewed first, then what is stale expires."""
    seconds, stepped = [0.0], [0]
    monkeypatch.setattr(clock, "monotonic", lambda: seconds[0])
    monkeypatch.setattr(
        clock, "now", lambda: datetime(2026, 11, 23, tzinfo=UTC) + timedelta(seconds=seconds[0] + stepped[0])
    )
    often, graced = jobs.Periodic(15, print), jobs.Periodic(15, print, grace=60)
    schedule, seen = Schedule([often, graced]), []
    for seconds[0] in (0, 59, 60, 75, 90, 134, 135):
        stepped[0] = step if seconds[0] >= 75 else 0
        seen.append([sweep is graced for sweep in schedule.due()])
    assert seen == [[False], [False], [True], [False], [False], [False], [True]]


def test_a_job_of_a_newer_version_is_left_to_the_sweep_of_that(app):
    with capture_logs() as lines:
        run_job(app, "not_known_here_yet", 7)
    assert [(line["event"], line["row"]) for line in lines] == [("job_left_to_the_sweep", 7)]
