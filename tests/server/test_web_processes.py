"""Process supervision: one server per port, restarts of dead processes, no orphans."""

import os
import signal
import socket
from collections.abc import Callable, Iterator

import httpx
import psycopg
import pytest

from portal.config import load
from portal.server import listening
from portal.server.web_processes import Restarts
from tests.postgres import PostgresServer
from tests.processes import children, descendants, is_gone
from tests.processes import command as line_of
from tests.servers import Portal, command, free_port, seeded_portal, unseeded_portal, wait_for


@pytest.fixture
def start(tmp_path) -> Iterator[Callable[[str], Portal]]:
    """start("serve"): run a command of a demo on a free port until ready; killed at the end if still running."""
    bind, started = f"127.0.0.1:{free_port()}", list[Portal]()

    def begin(name: str) -> Portal:
        portal = seeded_portal(tmp_path / "var", PORTAL_BIND=bind, PORTAL_WEB_WORKERS="2")
        started.append(portal)
        portal.start(name)
        wait_for(portal.is_ready, "the portal to be ready", 90)
        return portal

    yield begin
    for portal in started:
        for child in portal.children.values():
            child.kill()
            child.wait()


def test_the_server_restarts_dead_processes_and_they_exit_with_it(start):
    portal = start("serve")
    server = portal.children["serve"].pid
    refused = command("serve", **portal.environ)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "is in use: the portal runs already" in refused.stderr

    for deaths in (1, 2, 3):  # granian itself gives up after the second
        os.kill(descendants(server)[-1], signal.SIGKILL)  # always the newest, so that the other goes on serving
        wait_for(lambda now=deaths: portal.log("serve").count("web_process_ended") == now, "the line of its end")
        wait_for(lambda: len(descendants(server)) == 2, "another one in its place")
        assert wait_for(portal.is_ready, "an answer")
    assert '"ending": "killed by SIGKILL", "again_in": 0.0' in portal.log("serve")
    assert "Traceback" not in portal.log("serve")

    family = descendants(server)
    portal.children["serve"].kill()
    wait_for(lambda: all(map(is_gone, family)), "the web processes to end with the server", 5)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{portal.url}/healthz")


def test_the_demo_restarts_dead_processes_and_they_exit_with_it(start):
    portal = start("demo")
    demo = portal.children["demo"].pid
    wait_for(lambda: "Ctrl-C stops everything" in portal.log("demo"), "the greeting")
    for name in ("serve", "worker"):
        os.kill(next(pid for pid in children(demo) if f" portal {name} " in line_of(pid)), signal.SIGKILL)
        wait_for(lambda word=name: f"portal {word} has died (killed by SIGKILL)" in portal.log("demo"), "the line")
    wait_for(portal.is_ready, "the server to be there again", 60)
    refused = command("demo", **portal.environ)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)

    family = descendants(demo)
    assert len(family) >= 4
    portal.children["demo"].kill()
    wait_for(lambda: all(map(is_gone, family)), "all processes to end with the demonstration", 20)


def test_a_port_in_use_is_refused_with_a_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        bind = f"127.0.0.1:{other.getsockname()[1]}"
        refused = command("serve", PORTAL_DEMO="1", PORTAL_DATA_DIR=tmp_path, PORTAL_BIND=bind)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert f"PORTAL_BIND ({bind}) is in use" in refused.stderr


def test_the_bind_address_may_be_a_host_name():
    names = {"localhost": {"127.0.0.1", "::1"}, "127.0.0.1": {"127.0.0.1"}, "[::1]": {"::1"}}
    for name, figures in names.items():
        assert listening.number_of(load({"PORTAL_BIND": f"{name}:8000", "PORTAL_SECRET_KEY": "k" * 32})) in figures


def test_restarts_back_off_and_reset_after_a_minute():
    back_off = Restarts()
    assert [back_off.after(0, 3.0) for _ in range(8)] == [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    assert back_off.after(1, 3.0) == 0.0
    assert [back_off.after(0, 61.0), back_off.after(0, 3.0)] == [0.0, 1.0]


@pytest.fixture
def worker_on_postgres(tmp_path) -> Iterator[tuple[Portal, PostgresServer]]:
    """A running worker, and its PostgreSQL."""
    server = PostgresServer()
    server.start()
    portal = unseeded_portal(tmp_path / "var", PORTAL_BIND=f"127.0.0.1:{free_port()}", PORTAL_DATABASE_URL=server.url)
    portal.command("migrate")
    portal.start("worker")
    wait_for(lambda: workers_of(server), "the worker's heartbeat", 60)
    yield portal, server
    for child in portal.children.values():
        child.kill()
        child.wait()
    server.stop()


def workers_of(server: PostgresServer) -> list[str]:
    with psycopg.connect(server.url) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM worker")]


def test_a_worker_shuts_down_cleanly_after_and_during_a_database_outage(worker_on_postgres):
    portal, server = worker_on_postgres
    server.kill()
    server.start()
    assert portal.stop("worker") == 0
    assert workers_of(server) == []

    portal.start("worker")
    wait_for(lambda: workers_of(server), "the worker's heartbeat", 60)
    server.kill()
    assert portal.stop("worker") == 0
    server.start()
    assert len(workers_of(server)) == 1  # it could not delete its row; the heartbeat expires
