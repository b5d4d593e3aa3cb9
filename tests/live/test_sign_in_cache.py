"""Sign-ins as a process remembers them: few questions to the database, also when everybody comes back at once."""

from datetime import timedelta

import pytest

from portal.core.accounts.models import SignIn
from portal.live import sign_in_cache
from portal.store.db import database
from tests.factories import make_account

CROWD = 40


@pytest.fixture
def sign_ins(db, now):
    """A crowd of living sign-ins, and two that are not."""
    account = make_account()
    times = {"created_at": now, "seen_at": now, "stepped_up_at": now, "ends_at": now + timedelta(hours=1)}
    rows = [SignIn.create(account=account, key_hash=f"key{n}", **times) for n in range(CROWD)]
    SignIn.create(account=account, key_hash="ended", **times | {"ended_at": now})
    SignIn.create(account=account, key_hash="over", **times | {"ends_at": now})
    return [row.key_hash for row in rows]


@pytest.fixture
def asked(monkeypatch):
    """The statements that are sent from now on."""
    sent: list[str] = []
    real = database.obj.execute_sql
    monkeypatch.setattr(database.obj, "execute_sql", lambda sql, *rest, **more: (sent.append(sql), real(sql, *rest))[1])
    return sent


def test_a_few_strangers_are_looked_up_one_by_one(sign_ins, now, asked):
    people = sign_in_cache.KnownSignIns()
    assert [people.meet(key, now).key_hash for key in sign_ins[:5]] == sign_ins[:5]
    assert len(asked) == 5


def test_when_everybody_comes_at_once_the_others_are_read_ahead(sign_ins, now, asked, monkeypatch):
    monkeypatch.setattr(sign_in_cache, "CROWD", 3)
    monkeypatch.setattr(sign_in_cache, "AHEAD", 10)
    people = sign_in_cache.KnownSignIns()
    met = [people.get(key, now) or people.meet(key, now) for key in sign_ins]
    assert [person.key_hash for person in met] == sign_ins
    assert len(asked) < CROWD / 2, asked


def test_who_is_read_ahead_is_a_living_sign_in(sign_ins, now, monkeypatch):
    monkeypatch.setattr(sign_in_cache, "CROWD", 0)
    people = sign_in_cache.KnownSignIns()
    assert people.meet("ended", now) is None
    assert people.meet("over", now) is None
    assert people.get(sign_ins[0], now) is not None


def test_who_polls_no_more_is_forgotten_and_looked_up_again_when_he_comes_back(sign_ins, now, asked):
    people = sign_in_cache.KnownSignIns()
    for key in sign_ins[:2]:
        people.meet(key, now)
    for seconds in range(1, 100):  # one page polls every second, the other was closed
        moment = now + timedelta(seconds=seconds)
        people.get(sign_ins[0], moment)
        people.refresh(moment)
    assert [people.get(key, moment) is not None for key in sign_ins[:2]] == [True, False]
    assert people.meet(sign_ins[1], moment).key_hash == sign_ins[1]


def test_who_was_read_ahead_is_gone_a_second_after_the_end_of_the_sign_in(sign_ins, now, monkeypatch):
    monkeypatch.setattr(sign_in_cache, "CROWD", 0)
    people = sign_in_cache.KnownSignIns()
    people.meet(sign_ins[0], now)
    SignIn.update(ended_at=now).where(SignIn.key_hash == sign_ins[7]).execute()
    people.refresh(now + timedelta(seconds=1))
    assert people.get(sign_ins[7], now + timedelta(seconds=1)) is None
    assert people.get(sign_ins[8], now + timedelta(seconds=1)) is not None
