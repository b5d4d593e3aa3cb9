"""Stores that hang: nothing is refused or reset, no answer comes. Requests end, and others go on (F10, F16)."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import httpx
import psycopg
import pytest
import redis

from tests.kills.people import Steadfast
from tests.kills.rig import FEW, Rig, running_rig
from tests.processes import descendants
from tests.scripted import Asked, Scripted, Step
from tests.servers import wait_for

ENDS = 25.0  # seconds: a connection and a statement each wait for their answer once, on a busy machine


@pytest.fixture(scope="module")
def rig(tmp_path_factory) -> Iterator[Rig]:
    with running_rig("postgresql", tmp_path_factory.mktemp("rig"), FEW) as running:
        yield running


@contextmanager
def stopped(rig: Rig, store: str) -> Iterator[None]:
    """Stop every process of a store as a machine does that swaps or whose disk hangs."""
    root = rig.stores[store].process.pid
    pids = [root, *descendants(root)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def ask(rig: Rig, path: str) -> tuple[int, float]:
    """Return the status of a page, and after how many seconds it came."""
    began = time.monotonic()
    status = httpx.get(f"{rig.portal.url}{path}", timeout=60).status_code
    return status, time.monotonic() - began


def test_while_the_database_hangs_requests_end_and_afterwards_all_connections_are_there(rig: Rig) -> None:
    """More requests than connections: none may keep one for ever."""
    with ThreadPoolExecutor(60) as crowd:
        assert {status for status, _took in crowd.map(lambda _: ask(rig, "/login"), range(60))} == {200}
        with stopped(rig, "postgres"):
            alive = ask(rig, "/healthz")
            answers = list(crowd.map(lambda _: ask(rig, "/login"), range(60)))
            ready = ask(rig, "/readyz")
        assert alive[0] == 200
        assert ready[0] == 503
        assert {status for status, _took in answers} == {503}
        assert max(took for _status, took in answers) < ENDS
        wait_for(rig.portal.is_ready, "the portal to be ready again", 30)
        assert {status for status, _took in crowd.map(lambda _: ask(rig, "/login"), range(60))} == {200}


@contextmanager
def full(rig: Rig) -> Iterator[None]:
    """Redis has no memory left: it answers, and takes nothing."""
    with closing(redis.Redis.from_url(rig.stores["redis"].url)) as server:
        server.config_set("maxmemory", 1)
        try:
            yield
        finally:
            server.config_set("maxmemory", 0)


@pytest.mark.parametrize(("fault", "mobile"), [("hangs", "9000000021"), ("is full", "9000000022")])
def test_while_the_queue_hangs_or_is_full_texts_are_asked_for_and_sent(rig: Rig, fault: str, mobile: str) -> None:
    """The rows are the truth: the sweep finds them, and the worker sends them without the queue."""
    with stopped(rig, "redis") if fault == "hangs" else full(rig):
        browser = Steadfast(rig.portal.url)
        began = time.monotonic()
        browser.open("/login").press("Send OTP", {"mobile": mobile}, follow=False)
        assert (browser.status, time.monotonic() - began < ENDS) == (303, True)
        wait_for(lambda: sent(rig, mobile), "the OTP to be sent without the queue", 30)
        assert ask(rig, "/readyz")[0] == 200, "a queue that is away removes no node"
    assert sent(rig, mobile) == 1
    assert "sweep_failed" not in rig.portal.log("worker")


def sent(rig: Rig, mobile: str) -> int:
    return sum(text["to"].endswith(mobile) for text in texts(rig))


def texts(rig: Rig) -> list[dict[str, str]]:
    return [asked.form for asked in list(rig.gateway.ledger) if asked.path == "/send"]


ROWS = """
INSERT INTO message (uid, cause, "to", template, language, values, state, created_at, expires_at, next_at, tries,
                     provider, reference, error, call_outcome, request_id)
SELECT 'deploy-' || %(signal)s || '-' || n, 'deploy-' || %(signal)s || '-' || n, '+919000000001', 'missed_call', 'en',
       '{"token": "MED-001"}', 'new', now() AT TIME ZONE 'utc', now() AT TIME ZONE 'utc' + interval '1 hour',
       now() AT TIME ZONE 'utc', 0, '', '', '', '', ''
FROM generate_series(1, 100) AS n
"""


def slowly(gateway: Scripted) -> Callable[[Asked], Step]:
    def answer(_asked: Asked) -> Step:
        time.sleep(0.05)
        return gateway.otherwise

    return answer


LEFT = "SELECT count(*) FROM message WHERE state IN ('new', 'leased')"


def test_a_deploy_among_a_hundred_texts_loses_none_and_doubles_none(rig: Rig) -> None:
    """Each signal that a supervisor may send, while texts are on their way; the worker ends in good order (F04)."""
    rig.gateway.answer = slowly(rig.gateway)
    with closing(psycopg.connect(rig.stores["postgres"].url, autocommit=True)) as database:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            before = len(texts(rig))
            database.execute(ROWS, {"signal": str(int(number))})
            wait_for(lambda since=before: len(texts(rig)) > since + 5, "some texts to be sent", 30)
            worker = rig.portal.children.pop("worker")
            worker.send_signal(number)
            assert worker.wait(20) == 0
            assert len(texts(rig)) < before + 100, "the signal came among them"
            rig.portal.start("worker")
        wait_for(lambda: database.execute(LEFT).fetchone() == (0,), "every text to be final", 120)
    uids = [text["uid"] for text in texts(rig) if text["uid"].startswith("deploy-")]
    assert (len(uids), len(set(uids))) == (300, 300)
