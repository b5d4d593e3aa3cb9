"""Two web processes count together, and what they counted outlives each of them."""

import os
import signal

import httpx
import pytest

from tests.metrics.scraped import Scraped
from tests.processes import descendants
from tests.servers import free_port, seeded_portal, wait_for

ROUTE = {"method": "GET", "route": "/help", "status": "200"}


@pytest.fixture
def portal(tmp_path):
    """A demo's web server of two processes."""
    portal = seeded_portal(tmp_path / "var", PORTAL_BIND=f"127.0.0.1:{free_port()}", PORTAL_WEB_WORKERS="2")
    portal.start("serve")
    wait_for(portal.is_ready, "the portal to be ready", 90)
    yield portal
    if "serve" in portal.children:
        portal.stop("serve")


def ask(portal, path, times=1):
    """Ask on a new connection each time, so that both processes get some."""
    return [httpx.get(portal.url + path, headers={"Connection": "close"}, timeout=30).text for _ in range(times)]


def helped(portal) -> list[float | None]:
    """How many /help each of ten answers counts."""
    return [Scraped(text).value("portal_requests_total", **ROUTE) for text in ask(portal, "/metrics", 10)]


def test_whichever_process_is_asked_counts_the_requests_of_all(portal):
    ask(portal, "/help", 40)
    assert helped(portal) == [40.0] * 10
    files = [path for path in (portal.data_dir / "metrics").rglob("counter_*.db") if path.stat().st_size]
    assert len(files) == 2
    os.kill(descendants(portal.children["serve"].pid)[-1], signal.SIGKILL)
    wait_for(lambda: portal.log("serve").count("web_process_ended") == 1, "the line of its end")
    wait_for(lambda: len(descendants(portal.children["serve"].pid)) == 2, "another one in its place")
    ask(portal, "/help", 5)
    assert helped(portal) == [45.0] * 10


def test_a_new_server_begins_at_nothing_and_a_stopped_one_leaves_no_file(portal):
    ask(portal, "/help", 3)
    assert portal.stop("serve") == 0
    assert list((portal.data_dir / "metrics").rglob("*.db")) == []
    left = portal.data_dir / "metrics" / portal.environ["PORTAL_BIND"].rpartition(":")[2]
    left.mkdir()
    (left / "counter_1.db").write_bytes(b"of a server that was killed")
    portal.start("serve")
    wait_for(portal.is_ready, "the portal to be ready", 90)
    ask(portal, "/help", 2)
    assert helped(portal) == [2.0] * 10
