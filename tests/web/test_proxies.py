"""The client address behind reverse proxies (S20)."""

import pytest

from portal.app import create_app
from portal.config import load
from portal.work.throttle import Attempt
from tests.client import Browser

FORGED, REAL = "198.51.100.7", "203.0.113.5"
GUESS = {"username": "nobody", "password": "a wrong one"}


@pytest.fixture
def ask(config, clock, queue):
    """ask(proxies, X-Forwarded-For): the networks whose rate limit a sign-in request was counted in."""

    def ask(proxies: int, forwarded: str) -> set[str]:
        app = create_app(load(dict(config.environ) | {"PORTAL_TRUSTED_PROXIES": str(proxies)}))
        app.testing = True
        app.test_client_class = Browser
        with app.app_context():
            app.test_client().submit("/staff/login", GUESS, headers={"X-Forwarded-For": forwarded})
            counted = {row.bucket.rpartition(":")[2].rpartition("@")[2] for row in Attempt.select()}
        return {bucket for bucket in counted if "/24" in bucket}

    return ask


def test_without_a_proxy_x_forwarded_for_is_ignored(ask):
    assert ask(0, FORGED) == {"127.0.0.0/24"}


def test_behind_a_proxy_only_its_own_entry_of_x_forwarded_for_counts(ask):
    assert ask(1, f"{FORGED}, {REAL}") == {"203.0.113.0/24"}


def test_behind_two_proxies_the_second_entry_from_the_end_counts(ask):
    assert ask(2, f"{FORGED}, {REAL}, 10.0.0.2") == {"203.0.113.0/24"}
