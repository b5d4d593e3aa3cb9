"""Clock skew and clock changes neither sign anybody out nor prolong a sign-in (safety.md F35, F36)."""

from datetime import timedelta
from time import time

import pytest

from portal.core.accounts import credentials, sign_ins
from portal.core.accounts.models import SignIn
from portal.live.sign_in_cache import SignInCache
from portal.web.sessions import Seal
from tests.factories import make_beneficiary, make_staff

HOUR, DAY = 3600, 24 * 3600


@pytest.mark.parametrize("seconds", [-1, 1, -3, -5, -90, 90, -HOUR, HOUR, -DAY])
def test_setting_the_clock_signs_nobody_out(sign_in, clock, seconds):
    desk, patient = sign_in(make_staff("desk")), sign_in(make_beneficiary())
    clock.tick(60)
    desk.get("/desk")
    clock.step(seconds)
    assert (desk.get("/desk").status_code, patient.get("/home").status_code) == (200, 200)


@pytest.mark.parametrize("seconds", [5, 90, 120, DAY])
def test_a_cookie_from_a_node_whose_clock_is_ahead_is_valid(monkeypatch, seconds):
    ahead = time() + seconds
    with monkeypatch.context() as node_a:
        node_a.setattr("time.time", lambda: ahead)
        cookie = Seal().dumps({"_user_id": "x"})
    assert Seal().loads(cookie) == {"_user_id": "x"}


@pytest.mark.parametrize("seconds", [HOUR, -HOUR, -DAY])
def test_the_idle_timeout_restarts_after_a_clock_change(sign_in, clock, seconds):
    browser = sign_in(make_staff("desk"))
    assert browser.get("/desk").status_code == 200  # this process has seen the old clock
    clock.step(seconds)
    assert browser.get("/desk").status_code == 200
    clock.tick(15 * 60)
    assert browser.get("/desk", headers={"X-Background": "1"}).status_code == 200
    clock.tick(1)
    assert browser.get("/desk").status_code == 303


def test_setting_the_clock_back_does_not_extend_the_absolute_timeout(sign_in, clock):
    browser = sign_in(make_staff("desk"))
    clock.step(-DAY)
    for _ in range(60):
        assert browser.get("/desk").status_code == 200
        clock.tick(600)
    assert browser.get("/desk").status_code == 303


@pytest.mark.parametrize("seconds", [-90, 90])
def test_two_nodes_with_clock_skew_share_sign_ins_and_polls(db, now, seconds):
    made = sign_ins.start(staff=make_staff("doctor"), now=now)
    other_node = now + timedelta(seconds=seconds)
    assert sign_ins.find(made.key, now=other_node)
    person = SignInCache().load(made.row.key_hash, other_node)
    assert not person.is_idle(other_node)
    assert SignIn.get().seen_at <= max(now, other_node)


def test_setting_the_clock_back_does_not_revive_an_expired_otp(client, ask, enter, clock):
    code = ask(client)
    clock.tick(301)
    clock.step(-HOUR)
    assert enter(client, code).status_code == 422


def test_setting_the_clock_back_does_not_extend_the_wait_for_the_second_factor(client, clock):
    desk = make_staff(
        "desk", password_hash=credentials.hash_password("correct horse"), totp_secret=credentials.seal("A" * 32)
    )
    client.submit("/staff/login", {"username": desk.username, "password": "correct horse"})
    assert 'name="code"' in client.get("/staff/login").text
    clock.step(-HOUR)
    assert 'name="code"' not in client.get("/staff/login").text
