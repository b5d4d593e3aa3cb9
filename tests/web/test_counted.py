"""Counting requests: by route, also those that the live layer answers."""

import pytest

from portal.web.counted import COUNTERS, FLUSH_SECONDS, Tally
from tests.live.polls import Watcher
from tests.live.polls import patient as patient
from tests.live.polls import visit as visit
from tests.servers import wait_for


def count(name: str, **labels: str) -> float:
    return COUNTERS.get_sample_value(name, labels) or 0.0


@pytest.fixture
def gained(app):
    """gained(name, **labels): by how much a counter has risen in this test."""
    began = {}

    def gained(name, **labels):
        app.extensions["portal.live"]._tallies.flush()
        key = (name, *sorted(labels.items()))
        return count(name, **labels) - began.get(key, 0.0)

    def begin(name, **labels):
        began[(name, *sorted(labels.items()))] = count(name, **labels)

    gained.begin = begin
    return gained


def test_a_request_counts_by_route_method_and_status(client, gained):
    page = {"method": "GET", "route": "/help", "status": "200"}
    odd = {"method": "other", "route": "-", "status": "404"}
    for labels in (page, odd):
        gained.begin("portal_requests_total", **labels)
    gained.begin("portal_request_seconds_count", route="/help")
    client.get("/help")
    client.get("/help?of=somebody")
    client.open("/somewhere/9812345678", method="BREW")
    assert gained("portal_requests_total", **page) == 2
    assert gained("portal_requests_total", **odd) == 1
    assert gained("portal_request_seconds_count", route="/help") == 2


def test_polls_that_the_live_layer_answers_count_too(visit, patient, sign_in, gained):
    cached = [{"page": "live", "answered_by": "cache", "status": status} for status in ("200", "304")]
    route = [{"method": "GET", "route": "/live/<ticket>", "status": status} for status in ("200", "304")]
    for labels in cached:
        gained.begin("portal_polls_total", **labels)
    for labels in route:
        gained.begin("portal_requests_total", **labels)
    watcher = Watcher(sign_in(patient), f"/visits/{visit.uid}").open()
    for _ in range(4):
        watcher.poll()
    assert [gained("portal_polls_total", **labels) for labels in cached] == [1, 3]
    assert [gained("portal_requests_total", **labels) for labels in route] == [1, 3]


def test_a_poll_that_flask_answers_counts_once(app, visit, patient, sign_in, gained, monkeypatch):
    labels = {"page": "live", "answered_by": "page", "status": "200"}
    gained.begin("portal_polls_total", **labels)
    watcher = Watcher(sign_in(patient), f"/visits/{visit.uid}").open()
    monkeypatch.setattr(app, "wsgi_app", app.extensions["portal.live"]._inner)
    watcher.poll()
    assert gained("portal_polls_total", **labels) == 1


def test_a_tally_reaches_its_counters_by_itself_within_seconds():
    class Counter:
        total = 0.0

        def inc(self, amount: float) -> None:
            self.total += amount

    one, other = Counter(), Counter()
    tally = Tally(one, other)
    for _ in range(1000):
        tally.one()
    assert one.total == 0
    wait_for(lambda: one.total == other.total == 1000, "the tally's timer", seconds=10 * FLUSH_SECONDS)
    tally.one()
    tally.flush()
    assert one.total == 1001
