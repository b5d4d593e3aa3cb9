"""Slow loris: one client with slow bodies blocks nobody, with granian alone and behind the shipped proxy files."""

import time

import httpx
import pytest

from tests.web.incoming.slow import MEGABYTES, PATIENCE, behind, direct, seconds_of_a_post, slow_clients, status_of

LONGER = 2 * PATIENCE  # seconds for which the slow bodies of a test may last: a blocked request would give up before


def test_a_slow_body_blocks_nothing_after_its_408(tmp_path):
    """granian from 2.8.6 on waits for a thread still reading a body, holding the GIL (decision 0004)."""
    with direct(tmp_path, timeout=1) as portal, slow_clients(portal, 2, length=1000) as clients:
        assert [status_of(client, 10) for client in clients] == [408, 408]
        for _ in range(3):
            time.sleep(0.5)
            seconds_of_a_post(portal)
            assert httpx.get(portal, timeout=PATIENCE).status_code == 200


@pytest.mark.parametrize(("path", "length"), [("/login", 1000), ("/login", MEGABYTES), ("/tokens/new", MEGABYTES)])
def test_a_hundred_slow_bodies_of_one_client_block_no_other_network(tmp_path, path, length):
    with direct(tmp_path, timeout=LONGER) as portal, slow_clients(portal, 100, length=length, path=path) as clients:
        for _ in range(5):
            seconds_of_a_post(portal)
        refused = {status_of(client, 0.5) for client in clients[-20:]}
        assert refused <= {0, 408, 413, 503}


@pytest.mark.parametrize(("path", "length"), [("/login", 1000), ("/login", MEGABYTES), ("/tokens/new", MEGABYTES)])
def test_a_hundred_slow_bodies_block_nobody_after_their_timeout(tmp_path, path, length):
    with direct(tmp_path, timeout=1) as portal, slow_clients(portal, 100, length=length, path=path) as clients:
        assert status_of(clients[0], PATIENCE) in {408, 413, 503}
        for _ in range(5):
            seconds_of_a_post(portal)


@pytest.mark.parametrize("proxy", ["nginx", "caddy"])
def test_the_shipped_proxy_buffers_slow_bodies(tmp_path, proxy):
    with behind(proxy, tmp_path, timeout=LONGER) as portal:
        with slow_clients(portal, 100, length=100_000):
            for _ in range(10):
                seconds_of_a_post(portal)
            time.sleep(2)
            for _ in range(10):
                seconds_of_a_post(portal)
            reached = (tmp_path / "ledger").read_text().count("POST /login")
        assert reached == 20


@pytest.mark.parametrize("proxy", ["nginx", "caddy"])
def test_the_shipped_proxy_forwards_the_client_address_and_limits_uploads(tmp_path, proxy):
    with behind(proxy, tmp_path) as portal:
        forged = {"X-Forwarded-For": "198.51.100.7"}
        assert httpx.post(f"{portal}/login", content=b"x", headers=forged).text == "1 127.0.0.1"
        for size in (900_000, 5_000_000):
            answer = httpx.post(f"{portal}/tokens/new", content=b"x" * size, timeout=60)
            assert answer.text == f"{size} 127.0.0.1"
        seconds_of_a_post(portal, b"x" * 900_000)
        for path, size in (("/login", 2_000_000), ("/tokens/new", 90_000_000)):
            assert refused(f"{portal}{path}", size) in {0, 413, 502}


def refused(address: str, size: int) -> int:
    """The status for a body that is too big; 0 when the connection was closed instead."""
    try:
        return httpx.post(address, content=b"x" * size, timeout=60).status_code
    except httpx.TransportError:
        return 0
