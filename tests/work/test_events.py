"""Events: recorded with the change, delivered at least once, one listener never in the way of another."""

from datetime import timedelta

import pytest

from portal.store import migrator
from portal.store.db import database, write
from portal.work import audit_chain, events
from portal.work.audit import SYSTEM, AuditRow
from portal.work.events import Delivery, Event, deliver, record, sweep_undelivered, try_again
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


def test_an_event_and_its_audit_row_live_and_die_with_the_change(db, now):
    with pytest.raises(ZeroDivisionError), write():
        record(ThingHappened(), "x", by=SYSTEM, now=now)
        raise ZeroDivisionError
    assert (Event.select().count(), AuditRow.select().count()) == (0, 0)


def test_every_listener_hears_an_event_once(db, now, queue, heard):
    event = record(ThingHappened(), "x", by=SYSTEM, now=now)
    queue.drain()
    deliver(event.id, now)
    assert heard["first"] == heard["second"] == [event.uid]
    assert Event.get_by_id(event.id).delivered_at == now


def test_a_listener_that_fails_is_tried_again_and_holds_up_nobody(db, now, clock, queue, heard):
    heard["broken"] = True
    event = record(ThingHappened(), "x", by=SYSTEM, now=now)
    queue.drain()
    assert (heard["first"], heard["second"]) == ([], [event.uid])
    heard["broken"] = False
    clock.tick(30)
    sweep_undelivered(now + timedelta(seconds=30))
    queue.drain()
    assert heard["first"] == [event.uid]


def test_a_lost_queue_costs_only_delay(db, now, queue, heard):
    event = record(ThingHappened(), "x", by=SYSTEM, now=now)
    queue.waiting.clear()
    sweep_undelivered(now + timedelta(seconds=10))
    queue.drain()
    assert heard["first"] == [event.uid]


def test_a_delivery_under_lease_is_left_to_its_holder_until_the_lease_ends(db, now, queue, heard):
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


def test_the_wait_before_the_next_try_doubles_up_to_a_quarter_of_an_hour(db, now, queue, heard):
    heard["broken"] = True
    event, moment, waits = record(ThingHappened(), "x", by=SYSTEM, now=now), now, []
    for _ in range(events.MAX_TRIES):
        deliver(event.id, moment)
        row = Delivery.get(Delivery.listener == "a.first")
        waits.append(int((row.next_at - moment).total_seconds()))
        moment = row.next_at
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


def test_an_event_is_looked_at_again_when_its_listener_is_due_and_not_before(db, now, queue, heard):
    heard["broken"] = True
    event = record(ThingHappened(), "x", by=SYSTEM, now=now)
    deliver(event.id, now)
    assert Event.get_by_id(event.id).next_at == now + timedelta(seconds=2)


def test_failing_events_do_not_hold_up_the_lost_one_behind_them(db, now, clock, queue, heard):
    """Two hundred that nobody takes were looked at before every other event, at each sweep."""
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
    """An event whose first listener has failed as often as is allowed."""
    heard["broken"] = True
    event, moment = record(ThingHappened(), "x", by=SYSTEM, now=now), now
    for _ in range(events.MAX_TRIES):
        deliver(event.id, moment)
        moment += timedelta(minutes=16)
    return Event.get_by_id(event.id), moment


def test_what_nobody_takes_is_a_dead_letter_and_never_called_delivered(db, now, queue, heard):
    event, moment = given_up(heard, now)
    assert (event.delivered_at, event.next_at) == (None, None)
    assert event.dead_at
    assert [row.listener for row in events.failures(event)] == ["a.first"]
    heard["broken"] = False
    deliver(event.id, moment)
    assert heard["first"] == []
    assert list(events.dead()) == [event]


def test_a_dead_letter_is_tried_again_when_somebody_says_so(db, now, clock, queue, heard):
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


def test_a_try_that_dies_with_its_worker_counts(db, now, queue, heard):
    """The last of them: after its lease the event is a dead letter."""
    event = record(ThingHappened(), "x", by=SYSTEM, now=now)
    Delivery.create(event=event, listener="a.first", next_at=now, lease_until=now, tries=events.MAX_TRIES)
    deliver(event.id, now + timedelta(seconds=1))
    assert Event.get_by_id(event.id).dead_at
    assert heard["first"] == []


def test_a_plugin_that_listens_has_a_lane_of_its_own(db, now, queue, heard, monkeypatch):
    monkeypatch.setattr(events, "_outside", lambda event: {"plugin.slow": lambda event, now: None})
    event = record(ThingHappened(), "x", by=SYSTEM, now=now)
    deliver(event.id, now)
    assert heard["first"] == [event.uid]
    assert Event.get_by_id(event.id).delivered_at is None
    assert queue.waiting[-1] == ("deliver_outside", event.id)
    queue.drain()
    assert Event.get_by_id(event.id).delivered_at == now


def test_what_used_to_be_called_delivered_though_nobody_took_it_is_a_dead_letter_now(db, now):
    event = Event.create(name="ThingHappened", subject="x", at=now, by_kind="system", by_uid="", data={})
    Event.create(name="NobodyCares", subject="y", at=now, by_kind="system", by_uid="", data={})
    Delivery.create(event=event, listener="a.first", next_at=now, tries=events.MAX_TRIES)
    migration = next(one for one in migrator.runner().migrations() if one.name == "0008_running").load()
    migration.down(None, database.obj)
    database.execute_sql("UPDATE event SET delivered_at = '2026-11-23 04:00:00' WHERE name = 'ThingHappened'")
    migration.up(None, database.obj)
    old, waiting = Event.select().order_by(Event.id)
    assert (old.dead_at, old.delivered_at, old.next_at) == (now, None, None)
    assert (waiting.dead_at, waiting.next_at) == (None, now)
