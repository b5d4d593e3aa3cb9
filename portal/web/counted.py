"""Counters of requests and polls, of all web processes of this node together.

`portal serve` shares a folder among the web processes (server/counters.py): prometheus-client keeps the numbers of each
in a file there, and whichever process is asked adds them up. Without it (another server, tests) they are in memory.
Labels are routes, methods and statuses: never paths, people or addresses.
"""

import threading
from functools import lru_cache

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram

from portal.base import clock

COUNTERS = CollectorRegistry()
METHODS = {"GET", "HEAD", "OPTIONS", "POST"}
LIVE, DISPLAY = "/live/<ticket>", "/display/<key>"
POLLED = {LIVE: "live", DISPLAY: "display"}
FLUSH_SECONDS = 1.0
REQUESTS = Counter("portal_requests", "Requests answered, polls too.", ("method", "route", "status"), registry=COUNTERS)
SECONDS = Histogram(
    "portal_request_seconds",
    "Time of a request in Flask. Polls that are answered from the cache have none.",
    ("route",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=COUNTERS,
)
POLLS = Counter(
    "portal_polls",
    "Polls of live pages and displays: unchanged (304) or sent, from the cache or by the page.",
    ("page", "answered_by", "status"),
    registry=COUNTERS,
)


class Tally:
    """A count that is added to its counters once a second: writing them at each poll would cost as much as the poll."""

    def __init__(self, *counters: Counter) -> None:
        self._counters, self._count, self._lock = counters, 0, threading.Lock()

    def one(self) -> None:
        """Count one; the first one after a flush starts the timer of the next."""
        with self._lock:
            self._count += 1
            is_first = self._count == 1
        if is_first:
            timer = threading.Timer(FLUSH_SECONDS, self.flush)
            timer.daemon = True
            timer.start()

    def flush(self) -> None:
        """Add what was counted to the counters."""
        with self._lock:
            count, self._count = self._count, 0
        for counter in self._counters:
            counter.inc(count)


class PollTallies:
    """The tallies of the polls that the live layer answers, by kind of page and status."""

    def __init__(self) -> None:
        self._all = {
            (page, status): Tally(_request("GET", route, status), POLLS.labels(page, "cache", status))
            for route, page in POLLED.items()
            for status in ("200", "304")
        }

    def one(self, page: str, status: str) -> None:
        """Count one poll."""
        self._all[page, status].one()

    def flush(self) -> None:
        """Add all to the counters, at the end of the process."""
        for tally in self._all.values():
            tally.flush()


def init_counted(app: Flask) -> None:
    """Count every request that reaches Flask."""
    app.after_request(_count)


def _count(response: Response) -> Response:
    method = request.method if request.method in METHODS else "other"
    route, status = request.url_rule.rule if request.url_rule else "-", str(response.status_code)
    _request(method, route, status).inc()
    started = g.get("started")
    if started is not None:
        _seconds(route).observe(clock.monotonic() - started)
    if route in POLLED and (route == LIVE or "HX-Request" in request.headers):
        POLLS.labels(POLLED[route], "page", status).inc()
    return response


@lru_cache(8192)
def _request(method: str, route: str, status: str) -> Counter:
    return REQUESTS.labels(method, route, status)


@lru_cache(1024)
def _seconds(route: str) -> Histogram:
    return SECONDS.labels(route)
