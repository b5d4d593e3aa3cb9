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


WORDS = ("paramarsh", "nirman", "bhawan", "110011", "asha", "verma", "asha.verma", "doctor")


@pytest.mark.parametrize(
    "password",
    ["password1234", "iloveyou123456", "qwerty123456", "Passw0rd!Passw0rd", "123456789012", "aaaaaaaaaaaa" * 10],
)
def test_a_password_that_leaked_or_follows_a_pattern_is_refused(db, password):
    assert "easy to guess" in credentials.weakness(password, WORDS)


@pytest.mark.parametrize("password", ["demo-paramarsh", "Ashaverma@2026", "NirmanBhawan110011", "Doctor.Asha.Verma"])
def test_words_of_the_person_and_the_place_are_refused(db, password):
    assert "Your name, your user name and words of the clinic" in credentials.weakness(password, WORDS)


@pytest.mark.parametrize("password", [PASSWORD, "green river bottle", "सूरज नदी पहाड़ बोतल", "k9vT#2mLq8Wz"])
def test_some_words_that_do_not_belong_together_are_a_password(db, password):
    assert credentials.weakness(password, WORDS) == ""


@pytest.mark.parametrize("password", ["k9vT#2mLq8W", "green river bottle " * 7])
def test_a_password_has_12_to_128_characters(db, password):
    assert "at least 12" in credentials.weakness(password)
