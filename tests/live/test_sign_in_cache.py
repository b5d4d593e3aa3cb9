"""The cache of sign-ins: few queries, even when everybody comes back at once."""

from datetime import timedelta

import pytest

from portal.core.accounts.models import SignIn
from portal.live import sign_in_cache
from tests.factories import make_account
from tests.statements import statements as statements

CROWD = 40


@pytest.fixture
def sign_ins(db, now):
    """Many active sign-ins, one ended and one expired."""
    account = make_account()
    times = {"created_at": now, "seen_at": now, "stepped_up_at": now, "ends_at": now + timedelta(hours=1)}
    rows = [SignIn.create(account=account, key_hash=f"key{n}", **times) for n in range(CROWD)]
    SignIn.create(account=account, key_hash="ended", **times | {"ended_at": now})
    SignIn.create(account=account, key_hash="over", **times | {"ends_at": now})
    return [row.key_hash for row in rows]


def test_a_few_cache_misses_are_loaded_one_by_one(sign_ins, now, statements):
    people = sign_in_cache.SignInCache()
    assert [people.load(key, now).key_hash for key in sign_ins[:5]] == sign_ins[:5]
    assert len(statements) == 5


def test_many_misses_at_once_make_the_cache_read_ahead(sign_ins, now, statements, monkeypatch):
    monkeypatch.setattr(sign_in_cache, "MANY_MISSES", 3)
    monkeypatch.setattr(sign_in_cache, "READ_AHEAD", 10)
    people = sign_in_cache.SignInCache()
    met = [people.get(key, now) or people.load(key, now) for key in sign_ins]
    assert [person.key_hash for person in met] == sign_ins
    assert len(statements) < CROWD / 2, statements


def test_only_active_sign_ins_are_read_ahead(sign_ins, now, monkeypatch):
    monkeypatch.setattr(sign_in_cache, "MANY_MISSES", 0)
    people = sign_in_cache.SignInCache()
    assert people.load("ended", now) is None
    assert people.load("over", now) is None
    assert people.get(sign_ins[0], now) is not None


def test_a_sign_in_that_stops_polling_expires_from_the_cache_and_is_loaded_again(sign_ins, now, statements):
    people = sign_in_cache.SignInCache()
    for key in sign_ins[:2]:
        people.load(key, now)
    for seconds in range(1, 100):  # one page polls every second, the other was closed
        moment = now + timedelta(seconds=seconds)
        people.get(sign_ins[0], moment)
        people.refresh(moment)
    assert [people.get(key, moment) is not None for key in sign_ins[:2]] == [True, False]
    assert people.load(sign_ins[1], moment).key_hash == sign_ins[1]


def test_a_sign_in_read_ahead_is_evicted_a_second_after_it_ends(sign_ins, now, monkeypatch):
    monkeypatch.setattr(sign_in_cache, "MANY_MISSES", 0)
    people = sign_in_cache.SignInCache()
    people.load(sign_ins[0], now)
    SignIn.update(ended_at=now).where(SignIn.key_hash == sign_ins[7]).execute()
    people.refresh(now + timedelta(seconds=1))
    assert people.get(sign_ins[7], now + timedelta(seconds=1)) is None
    assert people.get(sign_ins[8], now + timedelta(seconds=1)) is not None
