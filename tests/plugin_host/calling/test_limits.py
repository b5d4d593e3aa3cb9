"""A plugin that hangs holds nobody up: time limits, the most calls that may hang, and what a call still sees."""

import threading

import pytest
from flask import g

from portal.contracts import GatewayError
from portal.plugin_host.calling.limits import MOST_HANGING, Limiter, TooSlow


@pytest.fixture
def door():
    """What a hanging call waits for; open at the end, so that no thread is left."""
    event = threading.Event()
    yield event
    event.set()


def test_an_answer_in_time_is_returned(db):
    assert Limiter().call("quick", 5, lambda: "answer") == "answer"


def test_what_the_plugin_raises_is_raised_where_it_is_awaited(db):
    def explode():
        raise GatewayError("busy")

    with pytest.raises(GatewayError, match="busy"):
        Limiter().call("bad", 5, explode)


def test_a_call_that_hangs_is_left_after_its_time(db, door):
    with pytest.raises(TooSlow, match=r"longer than 0\.05 seconds"):
        Limiter().call("slow", 0.05, door.wait)


def test_no_more_calls_of_a_plugin_hang_than_may_and_others_are_not_affected(db, door):
    limiter = Limiter()
    for _ in range(MOST_HANGING):
        with pytest.raises(TooSlow):
            limiter.call("slow", 0.01, door.wait)
    before = threading.active_count()
    with pytest.raises(TooSlow, match="hang"):
        limiter.call("slow", 0.01, door.wait)
    assert threading.active_count() <= before
    assert limiter.call("other", 5, lambda: 1) == 1


def test_a_plugin_that_came_back_is_called_again(db, door):
    limiter = Limiter()
    for _ in range(MOST_HANGING):
        with pytest.raises(TooSlow):
            limiter.call("slow", 0.01, door.wait)
    door.set()
    for thread in threading.enumerate():
        if thread.name == "hook of slow":
            thread.join(5)
    assert limiter.call("slow", 5, lambda: "back") == "back"


def test_the_call_runs_in_the_context_of_the_request(app, db):
    with app.test_request_context("/"):
        g.seen = "by the plugin"
        assert Limiter().call("reader", 5, lambda: g.seen) == "by the plugin"
