"""Passwords are stored as argon2id, at its full cost for unknown users too."""

import time

import argon2
import pytest

from portal.core.accounts import credentials
from tests import cheap
from tests.core.accounts.test_staff_views import PASSWORD
from tests.core.accounts.test_staff_views import password_hash as password_hash


@pytest.fixture
def real_cost():
    cheapest = credentials._hasher
    cheap.use(cheap.REAL_HASHER)
    yield
    cheap.use(cheapest)


def test_argon2_parameters_are_those_of_rfc_9106():
    assert argon2.extract_parameters(cheap.REAL_HASHER.hash(PASSWORD)) == argon2.profiles.RFC_9106_LOW_MEMORY


def test_an_unknown_user_takes_as_long_as_a_known_one(real_cost):
    password_hash = credentials.hash_password(PASSWORD)

    def seconds(stored: str | None) -> float:
        started = time.process_time()
        assert not credentials.is_right("wrong", stored)
        return time.process_time() - started

    known = min(seconds(password_hash) for _ in range(3))
    for stored in (None, "!"):
        assert min(seconds(stored) for _ in range(3)) > known / 2


def test_passwords_are_stored_as_argon2id(password_hash):
    assert password_hash.startswith("$argon2id$")
    assert credentials.is_right(PASSWORD, password_hash)
    assert not credentials.is_right(PASSWORD + " ", password_hash)
