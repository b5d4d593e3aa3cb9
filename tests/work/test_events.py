"""Events: transactional outbox, at-least-once delivery, retries with back-off, dead letters."""

from datetime import timedelta

import pytest

from portal.store import migrator
from portal.store.db import database, write
from portal.work import audit_chain, events
from portal.work.audit import SYSTEM, AuditRow
from portal.work.events import KEPT, Delivery, Event, deliver, record, sweep_delivered, sweep_undelivered, try_again
from tests.fakes import NobodyCares, ThingHappened


@pytest.fixture
def heard(monkeypatch):
    """Two listeners of `ThingHappened`; `heard["broken"]` makes the first fail."""
    calls = {"first": [], "second": [], "broken": False}

    def first(event, now):
        if calls["broken"]:
            raise RuntimeError("gateway away")
        calls["first"].append(event.uid)

    def second(event, now):
        calls["second"].append(event.uid)

    monkeypatch.setitem(events._listeners, "ThingHappened", {"a.first": first, "b.second": second})
    return calls


def test_an_event_and_its_audit_row_are_in_the_transaction_of_the_change(db, now):
    with pytest.raises(ZeroDivisionError), write():
        record(ThingHappened(), "x", by=SYSTEM, now=now)
        raise ZeroDivisionError
    assert (Event.select().count(), AuditRow.select().count()) == (0, 0)


def test_every_listener_gets_an_event_once(db, now, queue, heard):
    event = record(ThingHappened(), "x", by=SYSTEM, now=now)
    queue.drain()
    deliver(event.id, now)
    assert heard["first"] == heard["second"] == [event.uid]
    assert Event.get_by_id(event.id).delivered_at == now


def test_a_failing_listener_is_retried_and_blocks_no_other(db, now, clock, queue, heard):
    heard["broken"] = True
    event = record(ThingHappened(), "x", by=SYSTEM, now=now)
    queue.drain()
    assert (heard["first"], heard["second"]) == ([], [event.uid])
    heard["broken"] = False
    clock.tick(30)
    sweep_undelivered(now + timedelta(seconds=30))
    queue.drain()
    assert heard["first"] == [event.uid]


def test_an_event_lost_by_the_queue_is_delivered_by_the_sweep(db, now, queue, heard):
    event = record(ThingHappened(), "x", by=SYSTEM, now=now)
    queue.waiting.clear()
    sweep_undelivered(now + timedelta(seconds=10))
    queue.drain()
    assert heard["first"] == [event.uid]


def test_a_leased_delivery_is_left_to_its_holder_until_the_lease_expires(db, now, queue, heard):
    event = record(ThingHappened(), "x", by=SYSTEM, now=now)
    Delivery.create(event=event, listener="a.first", next_at=now, lease_until=now + timedelta(seconds=60), tries=1)
    deliver(event.id, now + timedelta(seconds=10))
    assert heard["first"] == []
    deliver(event.id, now + timedelta(seconds=61))
    assert heard["first"] == [event.uid]


def test_an_event_without_listeners_is_delivered_at_once(db, now, queue):
    event = record(NobodyCares(), "x", by=SYSTEM, now=now)
    queue.drain()
    assert Event.get_by_id(event.id).delivered_at == now


def test_the_back_off_doubles_up_to_a_quarter_of_an_hour(db, now, queue, heard):
    heard["broken"] = True
    event, moment, waits = record(ThingHappened(), "x", by=SYSTEM, now=now), now, []
    for _ in range(events.MAX_TRIES):
        deliver(event.id, moment)
        row = Delivery.get(Delivery.listener == "a.first")
        waits.append(int((row.next_at - moment).total_seconds()))
        moment = row.next_at
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


def test_an_event_is_retried_when_due_and_not_before(db, now, queue, heard):
    heard["broken"] = True
    event = record(ThingHappened(), "x", by=SYSTEM, now=now)
    deliver(event.id, now)
    assert Event.get_by_id(event.id).next_at == now + timedelta(seconds=2)


def test_failing_events_do_not_starve_a_lost_one(db, now, clock, queue, heard, monkeypatch):
    """As many failing events as one sweep takes once came before every other event, at each sweep."""
    monkeypatch.setattr(events, "AT_ONCE", 20)
    heard["broken"] = True
    for number in range(events.AT_ONCE):
        record(ThingHappened(), str(number), by=SYSTEM, now=now)
    queue.drain()
    lost = record(NobodyCares(), "x", by=SYSTEM, now=now)
    queue.waiting.clear()
    for _ in range(6):
        sweep_undelivered(clock.tick(2))
        queue.drain()
    assert Event.get_by_id(lost.id).delivered_at


def given_up(heard, now):
    """An event whose first listener is out of retries."""
    heard["broken"] = True
    event, moment = record(ThingHappened(), "x", by=SYSTEM, now=now), now
    for _ in range(events.MAX_TRIES):
        deliver(event.id, moment)
        moment += timedelta(minutes=16)
    return Event.get_by_id(event.id), moment


def test_an_event_out_of_retries_is_a_dead_letter_and_not_delivered(db, now, queue, heard):
    event, moment = given_up(heard, now)
    assert (event.delivered_at, event.next_at) == (None, None)
    assert event.dead_at
    assert [row.listener for row in events.failures(event)] == ["a.first"]
    heard["broken"] = False
    deliver(event.id, moment)
    assert heard["first"] == []
    assert list(events.dead()) == [event]


def test_a_dead_letter_can_be_retried_by_hand(db, now, clock, queue, heard):
    event, moment = given_up(heard, now)
    heard["broken"] = False
    clock.set(moment)
    assert try_again(event, by=SYSTEM, now=moment)
    assert not try_again(event, by=SYSTEM, now=moment)
    queue.drain()
    assert heard["first"] == [event.uid]
    assert heard["second"] == [event.uid]
    assert (Event.get_by_id(event.id).delivered_at, list(events.dead())) == (moment, [])
    assert AuditRow.select().where(AuditRow.action == "EventTriedAgain").count() == 1
    assert list(audit_chain.verify()) == []


def test_a_try_that_kills_its_worker_counts(db, now, queue, heard):
    """The last try: when its lease expires, the event is a dead letter."""
    event = record(ThingHappened(), "x", by=SYSTEM, now=now)
    Delivery.create(event=event, listener="a.first", next_at=now, lease_until=now, tries=events.MAX_TRIES)
    deliver(event.id, now + timedelta(seconds=1))
    assert Event.get_by_id(event.id).dead_at
    assert heard["first"] == []


def test_plugin_listeners_have_a_queue_of_their_own(db, now, queue, heard, monkeypatch):
    monkeypatch.setattr(events, "_plugin_listeners", lambda event: {"plugin.slow": lambda event, now: None})
    event = record(ThingHappened(), "x", by=SYSTEM, now=now)
    deliver(event.id, now)
    assert heard["first"] == [event.uid]
    assert Event.get_by_id(event.id).delivered_at is None
    assert queue.waiting[-1] == ("deliver_outside", event.id)
    queue.drain()
    assert Event.get_by_id(event.id).delivered_at == now


def test_the_migration_turns_undelivered_events_into_dead_letters(db, now):
    event = Event.create(name="ThingHappened", subject="x", at=now, by_kind="system", by_uid="", data={})
    Event.create(name="NobodyCares", subject="y", at=now, by_kind="system", by_uid="", data={})
    Delivery.create(event=event, listener="a.first", next_at=now, tries=events.MAX_TRIES)
    steps = {one.name: one for one in migrator.runner().migrations()}
    migration, clock_of_workers = steps["0008_running"].load(), steps["0040_worker_clock"].load()
    migration.down(None, database.obj)
    database.execute_sql("UPDATE event SET delivered_at = '2026-11-23 04:00:00' WHERE name = 'ThingHappened'")
    migration.up(None, database.obj)
    clock_of_workers.up(None, database.obj)  # the step after it on the same table; PostgreSQL's stays for other tests
    old, waiting = Event.select().order_by(Event.id)
    assert (old.dead_at, old.delivered_at, old.next_at) == (now, None, None)
    assert (waiting.dead_at, waiting.next_at) == (None, now)


def test_deliveries_of_an_event_that_all_had_are_deleted_after_a_month(db, now, queue, heard):
    event = record(ThingHappened(), "x", by=SYSTEM, now=now)
    queue.drain()
    sweep_delivered(now + KEPT - timedelta(seconds=1))
    assert len(event.deliveries) == 2
    sweep_delivered(now + KEPT)
    assert (len(event.deliveries), Event.get_by_id(event.id).delivered_at) == (0, now)
    deliver(event.id, now + KEPT)
    assert heard["first"] == heard["second"] == [event.uid]


def test_deliveries_of_an_event_that_a_listener_lacks_are_kept(db, now, queue, heard):
    """A dead letter is delivered to those alone that lack it, however old it is."""
    heard["broken"] = True
    lacking = record(ThingHappened(), "x", by=SYSTEM, now=now)
    queue.drain()
    heard["broken"] = False
    record(ThingHappened(), "y", by=SYSTEM, now=now)
    queue.drain()
    sweep_delivered(now + KEPT)
    assert {row.event_id for row in Delivery.select()} == {lacking.id}


def test_deliveries_are_deleted_a_part_at_a_time(db, now, queue, heard, monkeypatch):
    monkeypatch.setattr(events, "FORGOTTEN_AT_ONCE", 3)
    for number in range(4):
        record(ThingHappened(), str(number), by=SYSTEM, now=now)
    queue.drain()
    left = []
    for _ in range(3):
        sweep_delivered(now + KEPT)
        left.append(Delivery.select().count())
    assert left == [5, 2, 0]
