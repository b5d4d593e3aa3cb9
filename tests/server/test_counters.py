"""Two web processes count together, and what they counted outlives each of them."""

import os
import signal
from pathlib import Path

import httpx
import pytest

from portal.server import counters
from tests.metrics.scraped import Scraped
from tests.processes import descendants, is_gone
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


def mapped(portal) -> set[Path]:
    """Return the files of counters that the server's processes have mapped."""
    found = set()
    for pid in descendants(portal.children["serve"].pid):
        lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
        found |= {Path(line.split()[-1]) for line in lines if "/counter_" in line}
    return found


def helped(portal) -> list[float | None]:
    """How many /help each of ten answers counts."""
    return [Scraped(text).value("portal_requests_total", **ROUTE) for text in ask(portal, "/metrics", 10)]


def test_whichever_process_is_asked_counts_the_requests_of_all(portal):
    ask(portal, "/help", 40)
    assert helped(portal) == [40.0] * 10
    assert len(mapped(portal)) == 2
    os.kill(descendants(portal.children["serve"].pid)[-1], signal.SIGKILL)
    wait_for(lambda: portal.log("serve").count("web_process_ended") == 1, "the line of its end")
    wait_for(lambda: len(descendants(portal.children["serve"].pid)) == 2, "another one in its place")
    ask(portal, "/help", 5)
    assert helped(portal) == [45.0] * 10


def test_a_full_disk_ends_no_process_as_the_files_lie_in_memory(portal):
    ask(portal, "/help", 20)
    assert {path.parents[1] for path in mapped(portal)} == {counters.MEMORY}


def test_a_stopped_server_leaves_nothing_and_a_new_one_deletes_what_a_killed_one_left(portal):
    ask(portal, "/help", 20)
    (folder,) = {path.parent for path in mapped(portal)}
    family = descendants(portal.children["serve"].pid)
    portal.children["serve"].kill()
    portal.children.pop("serve").wait()
    wait_for(lambda: all(map(is_gone, family)), "the web processes to end with the server")
    assert folder.is_dir()

    portal.start("serve")
    wait_for(portal.is_ready, "the portal to be ready", 90)
    ask(portal, "/help", 20)
    assert not folder.exists()
    assert helped(portal) == [20.0] * 10
    (folder,) = {path.parent for path in mapped(portal)}
    assert portal.stop("serve") == 0
    assert not folder.exists()


def test_two_servers_leave_each_other_alone(config):
    with counters.shared(config):
        first = Path(os.environ[counters.VARIABLE])
        with counters.shared(config):
            assert first.is_dir()
            assert os.environ[counters.VARIABLE] != str(first)
    assert counters.VARIABLE not in os.environ
