"""Events: recorded with the change, delivered at least once, one listener never in the way of another."""

from datetime import timedelta

import pytest

from portal.core import events
from portal.core.audit import SYSTEM, AuditRow
from portal.core.db import write
from portal.core.events import Delivery, Event, deliver, record, sweep_undelivered


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
        record("ThingHappened", "x", by=SYSTEM, now=now)
        raise ZeroDivisionError
    assert (Event.select().count(), AuditRow.select().count()) == (0, 0)


def test_every_listener_hears_an_event_once(db, now, queue, heard):
    event = record("ThingHappened", "x", by=SYSTEM, now=now)
    queue.drain()
    deliver(event.id, now)
    assert heard["first"] == heard["second"] == [event.uid]
    assert Event.get_by_id(event.id).delivered_at == now


def test_a_listener_that_fails_is_tried_again_and_holds_up_nobody(db, now, queue, heard):
    heard["broken"] = True
    event = record("ThingHappened", "x", by=SYSTEM, now=now)
    queue.drain()
    assert (heard["first"], heard["second"]) == ([], [event.uid])
    heard["broken"] = False
    sweep_undelivered(now + timedelta(seconds=30))
    assert heard["first"] == [event.uid]


def test_a_lost_queue_costs_only_delay(db, now, queue, heard):
    event = record("ThingHappened", "x", by=SYSTEM, now=now)
    queue.waiting.clear()
    sweep_undelivered(now + timedelta(seconds=10))
    assert heard["first"] == [event.uid]


def test_a_delivery_under_lease_is_left_to_its_holder_until_the_lease_ends(db, now, queue, heard):
    event = record("ThingHappened", "x", by=SYSTEM, now=now)
    Delivery.create(event=event, listener="a.first", next_at=now, lease_until=now + timedelta(seconds=60), tries=1)
    deliver(event.id, now + timedelta(seconds=10))
    assert heard["first"] == []
    deliver(event.id, now + timedelta(seconds=61))
    assert heard["first"] == [event.uid]


def test_an_event_without_listeners_is_delivered_at_once(db, now, queue):
    event = record("NobodyCares", "x", by=SYSTEM, now=now)
    queue.drain()
    assert Event.get_by_id(event.id).delivered_at == now
