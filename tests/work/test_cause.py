"""The request that caused an event is known to its listeners, whichever way they hear of it."""

import pytest
import structlog
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from portal.store.db import write
from portal.work import cause, events
from portal.work.audit import SYSTEM
from portal.work.events import Event
from tests.fakes import NobodyCares

ID = "8f14e45fceea167a5a36dedd4bea2543"


@pytest.fixture
def heard(db, monkeypatch):
    """The log lines of a listener, with what was bound when it heard."""

    def listen(event, now):
        structlog.get_logger().info("heard")
        with write():
            events.record(NobodyCares(), "a consequence", by=SYSTEM, now=now)

    monkeypatch.setitem(events._listeners, "NobodyCares", {"test.listen": listen})
    with capture_logs(processors=[merge_contextvars]) as lines:
        yield lambda: [line for line in lines if line["event"] == "heard"]


def record(now, request_id):
    with cause.of(request_id), write():
        return events.record(NobodyCares(), "x", by=SYSTEM, now=now)


def test_an_event_keeps_the_id_for_its_listeners_and_their_own_events(heard, now):
    first = record(now, ID)
    events.deliver(first.id, now)
    assert [(line["request_id"], line["event_name"]) for line in heard()] == [(ID, "NobodyCares")]
    assert {row.request_id for row in Event.select()} == {ID}


def test_an_event_that_no_request_caused_has_none(heard, now):
    events.deliver(record(now, "").id, now)
    assert ["request_id" in line for line in heard()] == [False]
    assert {row.request_id for row in Event.select()} == {""}


def test_what_is_bound_ends_with_the_block():
    with cause.of(ID, job="send_message"):
        assert (cause.request_id(), cause.reference()) == (ID, ID[-8:])
        with cause.of(""):
            assert cause.request_id() == ID
    assert cause.request_id() == ""
