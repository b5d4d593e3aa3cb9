"""Slow bodies past every timeout, with the production timeout: a minute and a half each. `make soak` runs it."""

import time

import pytest

from tests.web.incoming.slow import MEGABYTES, behind, direct, seconds_of_a_post, slow_clients

SECONDS = 90


def longest(portal: str) -> float:
    """The longest wait of a client of another network, submitting a form a second."""
    found, began = 0.0, time.monotonic()
    while time.monotonic() - began < SECONDS:
        found = max(found, seconds_of_a_post(portal))
        time.sleep(1)
    print(f"longest wait in {SECONDS} s: {found:.3f} s")  # noqa: T201 the result of the run
    return found


@pytest.mark.parametrize(("path", "length"), [("/login", 100_000), ("/tokens/new", MEGABYTES)])
def test_directly(tmp_path, path, length):
    with direct(tmp_path, timeout=10) as portal, slow_clients(portal, 100, length=length, path=path):
        assert longest(portal) < 3


@pytest.mark.parametrize("proxy", ["nginx", "caddy"])
def test_behind_the_shipped_files(tmp_path, proxy):
    with behind(proxy, tmp_path) as portal, slow_clients(portal, 100, length=100_000):
        assert longest(portal) < 3
