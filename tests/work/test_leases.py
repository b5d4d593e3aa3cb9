"""Leases: one holder at a time, released on failure, retried with exponential back-off."""

from datetime import timedelta
from threading import Thread

import peewee
import pytest

from portal.store.db import BaseModel, UTCDateTimeField, database
from portal.work import jobs
from portal.work.leases import BackOff, Leases

LASTS = timedelta(seconds=60)
SECOND = timedelta(seconds=1)


class Task(BaseModel):
    """A work row with `next_at`."""

    state = peewee.CharField(max_length=8, default="open")
    lease_until = UTCDateTimeField(null=True)
    next_at = UTCDateTimeField(null=True)
    tries = peewee.IntegerField(default=0)


class Plain(BaseModel):
    """A work row without `next_at`."""

    lease_until = UTCDateTimeField(null=True)
    tries = peewee.IntegerField(default=0)


BACK_OFF = BackOff(first=5, longest=20)
TASKS = Leases(Task, LASTS, BACK_OFF, is_open=Task.state == "open", most=3)
SLOW = Leases(Task, LASTS, BACK_OFF, is_open=Task.state == "open", counts_taking=False)
PLAIN = Leases(Plain, LASTS, BACK_OFF, is_open=Plain.tries < 9)


@pytest.fixture
def task(db):
    """One row to work on, in tables of this test only."""
    database.create_tables([Task, Plain])
    yield Task.create()
    database.drop_tables([Task, Plain])


@pytest.mark.parametrize(
    ("back_off", "waits"),
    [
        (BackOff(first=2, longest=900), [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]),
        (BackOff(first=5, longest=300, at_once=1), [0, 5, 10, 20, 40, 80, 160, 300]),
        (BackOff(first=30, longest=30), [30, 30, 30]),
    ],
)
def test_the_back_off_doubles_up_to_its_maximum(back_off, waits):
    assert [back_off.after(tries).total_seconds() for tries in range(1, len(waits) + 1)] == waits
    assert back_off.after(10**6).total_seconds() == waits[-1]


def test_the_back_off_has_jitter():
    waits = {BackOff(first=10, longest=600, spread=0.5).after(1).total_seconds() for _ in range(50)}
    assert len(waits) > 10
    assert all(10 <= wait < 15 for wait in waits)


def test_a_row_has_one_holder_until_its_lease_expires(task, now):
    held = TASKS.take(task.id, now)
    assert (held.lease_until, held.tries) == (now + LASTS, 1)
    assert TASKS.take(task.id, now + LASTS) is None
    assert list(Task.select().where(TASKS.waiting(now + LASTS))) == []
    assert TASKS.take(task.id, now + LASTS + SECOND).tries == 2


def test_of_concurrent_claims_one_wins(task, now):
    taken: list[Task] = []

    def work() -> None:
        taken.extend(filter(None, [TASKS.take(task.id, now)]))
        database.close()

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 1


def test_a_stale_row_is_not_claimed(task, now):
    read = Task.get_by_id(task.id)
    TASKS.later(TASKS.take(task.id, now), now, at=now)
    assert not TASKS.claim(read, now)
    assert TASKS.claim(Task.get_by_id(task.id), now)


def test_only_the_first_result_is_stored(task, now):
    slow = TASKS.take(task.id, now)
    fast = TASKS.take(task.id, now + LASTS + SECOND)
    assert TASKS.done(slow, state="done")
    assert not TASKS.done(fast, state="done")
    assert Task.get_by_id(task.id).lease_until is None


def test_a_failed_try_releases_its_lease_and_backs_off(task, now):
    again = TASKS.later(TASKS.take(task.id, now), now)
    row = Task.get_by_id(task.id)
    assert (again, row.next_at, row.lease_until) == (now + 5 * SECOND, now + 5 * SECOND, None)
    assert TASKS.take(task.id, again - SECOND) is None
    assert TASKS.later(TASKS.take(task.id, again), again) == again + 10 * SECOND


def test_an_expired_holder_releases_nothing(task, now):
    slow = TASKS.take(task.id, now)
    TASKS.take(task.id, now + LASTS + SECOND)
    TASKS.later(slow, now + LASTS + 2 * SECOND)
    assert Task.get_by_id(task.id).lease_until == now + 2 * LASTS + SECOND


def test_without_next_at_the_lease_lasts_until_the_retry(task, now):
    row = Plain.create()
    assert PLAIN.later(PLAIN.take(row.id, now), now) == now + 5 * SECOND
    assert PLAIN.take(row.id, now + 5 * SECOND) is None
    assert PLAIN.take(row.id, now + 6 * SECOND).tries == 2


@pytest.mark.parametrize(("leases", "after"), [(TASKS, [0, 1]), (SLOW, [0, 1])])
def test_a_failure_that_is_not_the_rows_fault_is_not_counted(task, now, leases, after):
    found = []
    for counted in (False, True):
        leases.later(leases.take(task.id, now), now, counted=counted, at=now)
        found.append(Task.get_by_id(task.id).tries)
    assert found == after


def test_after_the_last_try_a_row_is_not_leased_again(task, now):
    moment = now
    for _ in range(3):
        moment = TASKS.later(TASKS.take(task.id, moment), moment)
    assert TASKS.take(task.id, moment) is None
    assert TASKS.is_dead(Task.get_by_id(task.id), moment)


def test_a_crashed_last_try_is_dead_when_its_lease_expires(task, now):
    Task.update(tries=3, lease_until=now).execute()
    row = Task.get_by_id(task.id)
    assert (TASKS.is_dead(row, now), TASKS.is_dead(row, now + SECOND)) == (False, True)


def test_an_exception_releases_the_lease_and_propagates(task, now):
    held = TASKS.take(task.id, now)
    with pytest.raises(SystemExit), TASKS.giving_back(held, now):
        raise SystemExit
    assert Task.get_by_id(task.id).next_at == now + 5 * SECOND


def test_a_stopping_worker_releases_its_leases(task, now, monkeypatch):
    monkeypatch.setattr(jobs, "STOPS", [])
    leases = Leases(Task, LASTS, BACK_OFF, is_open=Task.state == "open", at_stop=True)
    leases.done(leases.take(Task.create().id, now), state="done")
    leases.take(task.id, now)
    jobs.stop()
    row = Task.get_by_id(task.id)
    assert (row.lease_until, row.tries) == (None, 0)
    assert leases.take(task.id, now) is not None
    assert Task.select().where(Task.state == "done").count() == 1
