"""Leases: one holder at a time, given back at once, tried again later and later."""

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
    """Something to be done, with a moment for the next try."""

    state = peewee.CharField(max_length=8, default="open")
    lease_until = UTCDateTimeField(null=True)
    next_at = UTCDateTimeField(null=True)
    tries = peewee.IntegerField(default=0)


class Plain(BaseModel):
    """The same without such a moment."""

    lease_until = UTCDateTimeField(null=True)
    tries = peewee.IntegerField(default=0)


BACK_OFF = BackOff(first=5, longest=20)
TASKS = Leases(Task, LASTS, BACK_OFF, is_open=Task.state == "open", most=3)
SLOW = Leases(Task, LASTS, BACK_OFF, is_open=Task.state == "open", counts_taking=False)
PLAIN = Leases(Plain, LASTS, BACK_OFF, is_open=Plain.tries < 9)


@pytest.fixture
def task(db):
    """One thing to do; the tables are there for the test only."""
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
def test_the_wait_doubles_up_to_the_longest(back_off, waits):
    assert [back_off.after(tries).total_seconds() for tries in range(1, len(waits) + 1)] == waits
    assert back_off.after(10**6).total_seconds() == waits[-1]


def test_what_failed_together_does_not_come_again_together():
    waits = {BackOff(first=10, longest=600, spread=0.5).after(1).total_seconds() for _ in range(50)}
    assert len(waits) > 10
    assert all(10 <= wait < 15 for wait in waits)


def test_a_row_has_one_holder_until_its_lease_runs_out(task, now):
    held = TASKS.take(task.id, now)
    assert (held.lease_until, held.tries) == (now + LASTS, 1)
    assert TASKS.take(task.id, now + LASTS) is None
    assert list(Task.select().where(TASKS.waiting(now + LASTS))) == []
    assert TASKS.take(task.id, now + LASTS + SECOND).tries == 2


def test_of_many_that_come_at_once_one_takes_it(task, now):
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


def test_a_row_that_somebody_else_had_since_it_was_read_is_not_claimed(task, now):
    read = Task.get_by_id(task.id)
    TASKS.later(TASKS.take(task.id, now), now, at=now)
    assert not TASKS.claim(read, now)
    assert TASKS.claim(Task.get_by_id(task.id), now)


def test_what_is_done_is_done_once_also_by_who_was_slow(task, now):
    slow = TASKS.take(task.id, now)
    fast = TASKS.take(task.id, now + LASTS + SECOND)
    assert TASKS.done(slow, state="done")
    assert not TASKS.done(fast, state="done")
    assert Task.get_by_id(task.id).lease_until is None


def test_a_failed_try_is_given_back_at_once_and_waits(task, now):
    again = TASKS.later(TASKS.take(task.id, now), now)
    row = Task.get_by_id(task.id)
    assert (again, row.next_at, row.lease_until) == (now + 5 * SECOND, now + 5 * SECOND, None)
    assert TASKS.take(task.id, again - SECOND) is None
    assert TASKS.later(TASKS.take(task.id, again), again) == again + 10 * SECOND


def test_who_lost_the_lease_gives_nothing_back(task, now):
    slow = TASKS.take(task.id, now)
    TASKS.take(task.id, now + LASTS + SECOND)
    TASKS.later(slow, now + LASTS + 2 * SECOND)
    assert Task.get_by_id(task.id).lease_until == now + 2 * LASTS + SECOND


def test_without_a_moment_of_its_own_a_row_waits_under_its_lease(task, now):
    row = Plain.create()
    assert PLAIN.later(PLAIN.take(row.id, now), now) == now + 5 * SECOND
    assert PLAIN.take(row.id, now + 5 * SECOND) is None
    assert PLAIN.take(row.id, now + 6 * SECOND).tries == 2


@pytest.mark.parametrize(("leases", "after"), [(TASKS, [0, 1]), (SLOW, [0, 1])])
def test_what_was_not_the_rows_fault_is_not_counted(task, now, leases, after):
    found = []
    for counted in (False, True):
        leases.later(leases.take(task.id, now), now, counted=counted, at=now)
        found.append(Task.get_by_id(task.id).tries)
    assert found == after


def test_after_the_last_try_nobody_takes_it_any_more(task, now):
    moment = now
    for _ in range(3):
        moment = TASKS.later(TASKS.take(task.id, moment), moment)
    assert TASKS.take(task.id, moment) is None
    assert TASKS.is_dead(Task.get_by_id(task.id), moment)


def test_a_last_try_that_dies_with_its_holder_is_dead_when_the_lease_ends(task, now):
    Task.update(tries=3, lease_until=now).execute()
    row = Task.get_by_id(task.id)
    assert (TASKS.is_dead(row, now), TASKS.is_dead(row, now + SECOND)) == (False, True)


def test_whatever_is_raised_gives_the_row_back_and_goes_on(task, now):
    held = TASKS.take(task.id, now)
    with pytest.raises(SystemExit), TASKS.giving_back(held, now):
        raise SystemExit
    assert Task.get_by_id(task.id).next_at == now + 5 * SECOND


def test_a_worker_that_ends_gives_back_what_it_holds(task, now, monkeypatch):
    monkeypatch.setattr(jobs, "STOPS", [])
    leases = Leases(Task, LASTS, BACK_OFF, is_open=Task.state == "open", at_stop=True)
    leases.done(leases.take(Task.create().id, now), state="done")
    leases.take(task.id, now)
    jobs.stop()
    row = Task.get_by_id(task.id)
    assert (row.lease_until, row.tries) == (None, 0)
    assert leases.take(task.id, now) is not None
    assert Task.select().where(Task.state == "done").count() == 1
