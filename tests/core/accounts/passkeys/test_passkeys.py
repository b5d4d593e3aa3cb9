"""Passkeys: added behind the step-up, bound to the portal's address, each answer good once, removed at once."""

import html
import json
import re
from dataclasses import replace

import pytest

from portal.base.errors import Invalid
from portal.core.accounts import credentials, second_factor, services
from portal.core.accounts.models import Passkey, SignIn
from portal.core.accounts.passkeys import keys
from portal.core.accounts.passkeys.proofs import SECONDS, host_of
from portal.work.audit import SYSTEM, AuditRow
from tests.core.accounts.passkeys.key import Key
from tests.factories import make_staff

PASSWORD, PAGE = "four words of a kind", "/staff/second-factor"


@pytest.fixture
def desk(db):
    secret = credentials.seal(credentials.new_secret())
    return make_staff(
        "desk", username="desk.one", totp_secret=secret, password_hash=credentials.hash_password(PASSWORD)
    )


@pytest.fixture
def key(app):
    origin = app.config["PORTAL"].base_url
    return Key(origin, host_of(origin))


def challenge_in(page: str) -> str:
    """The challenge that a page hands to the browser."""
    return json.loads(html.unescape(re.search(r'data-passkey="([^"]+)"', page)[1]))["challenge"]


@pytest.fixture
def added(sign_in, desk, key):
    browser = sign_in(desk)
    page = browser.submit("/staff/passkeys/new", page=PAGE).text
    answer = browser.submit("/staff/passkeys", {"passkey": key.make(challenge_in(page)), "name": "my phone"}, page=PAGE)
    assert answer.status_code == 303
    return browser


def half_signed_in(client) -> str:
    client.submit("/staff/login", {"username": "desk.one", "password": PASSWORD}, page="/staff/login")
    return client.get("/staff/login").text


def proven(client, answer: str):
    return client.submit("/staff/login", {"code": "", "passkey": answer}, page="/help")


def test_an_added_passkey_is_listed_and_audited(added, desk):
    page = added.get(PAGE).text
    assert "my phone" in page
    assert "You can use it in place of the code" in page
    assert AuditRow.get(AuditRow.action == "StaffPasskeyAdded").subject == desk.uid


def test_a_passkey_proves_the_second_factor(added, client, key, desk):
    answer = proven(client, key.sign(challenge_in(half_signed_in(client))))
    assert (answer.status_code, answer.location) == (303, "/desk")
    assert SignIn.select().where((SignIn.staff == desk) & SignIn.ended_at.is_null()).count() == 2
    assert Passkey.get().used_at is not None


def test_a_challenge_is_answered_once(added, key, desk, now):
    """Also by a key without a counter, as passkeys of telephones are."""
    origin = key.origin
    _options, challenge = keys.options_to_prove(desk, origin)
    services.check_passkey(desk, key.sign(challenge), challenge, origin, now=now)
    with pytest.raises(Invalid):
        services.check_passkey(desk, key.sign(challenge), challenge, origin, now=now)


@pytest.mark.parametrize("fault", ["origin", "host", "counter", "challenge", "another"])
def test_what_was_signed_elsewhere_or_by_a_copy_is_refused(added, client, key, fault):
    if fault == "counter":
        proven(client, key.sign(challenge_in(half_signed_in(client))))
        client.submit("/sign-out", page="/desk")
        key.count = 0
    challenge = challenge_in(half_signed_in(client))
    if fault == "origin":
        key.origin = "https://portal.example.org"
    elif fault == "host":
        key.host = "example.org"
    elif fault == "another":
        key = Key(key.origin, key.host)
    answer = proven(client, key.sign("AAAA" if fault == "challenge" else challenge))
    assert answer.status_code == 422
    assert "The passkey did not fit" in answer.text


@pytest.mark.parametrize("answer", ["x", "[]", "{}", '{"id": 5}', '{"id": "AA", "response": []}', "{" * 20_000])
def test_what_is_no_answer_of_a_key_is_refused(added, client, answer):
    half_signed_in(client)
    assert proven(client, answer).status_code == 422
    assert added.submit("/staff/passkeys", {"passkey": answer}, page=PAGE).status_code == 303
    assert Passkey.select().count() == 1


def test_five_wrong_answers_stop_the_tries(added, client, key):
    page = half_signed_in(client)
    for _time in range(5):
        page = proven(client, key.sign("AAAA")).text
    assert proven(client, key.sign(challenge_in(page))).status_code == 429


def test_the_challenge_is_over_after_some_minutes(added, client, key, clock):
    challenge = challenge_in(half_signed_in(client))
    clock.tick(SECONDS + 400)
    assert proven(client, key.sign(challenge)).status_code != 303


def test_a_removed_passkey_opens_nothing(added, client, key):
    added.submit(f"/staff/passkeys/{Passkey.get().uid}/remove", page=PAGE)
    assert AuditRow.select().where(AuditRow.action == "StaffPasskeyRemoved").count() == 1
    assert "data-passkey" not in half_signed_in(client)
    assert proven(client, key.sign("AAAA")).status_code == 422


def test_nobody_removes_anothers_passkey(added, sign_in):
    other = sign_in(make_staff("doctor"))
    assert other.submit(f"/staff/passkeys/{Passkey.get().uid}/remove", page=PAGE).status_code == 404
    assert Passkey.select().count() == 1


def test_a_reset_of_the_second_factor_takes_the_passkeys_too(added, desk, now):
    second_factor.reset(desk, by=SYSTEM, now=now)
    assert not Passkey.select().exists()


def test_a_passkey_steps_up(app, added, key, clock):
    app.config["PORTAL"] = replace(app.config["PORTAL"], demo=False)
    clock.tick(600)
    challenge = challenge_in(added.get("/staff/confirm").text)
    answer = added.submit("/staff/confirm", {"passkey": key.sign(challenge), "code": ""}, page="/help")
    assert answer.status_code == 303


def test_without_the_challenge_given_behind_the_step_up_nothing_is_added(sign_in, desk, key):
    browser = sign_in(desk)
    browser.submit("/staff/passkeys", {"passkey": key.make("AAAA")}, page=PAGE)
    assert not Passkey.select().exists()


def test_the_eleventh_passkey_is_refused(added, desk, now):
    for number in range(9):
        Passkey.create(staff=desk, key=f"k{number}", public_key="", name="x", created_at=now)
    browser = added
    assert browser.submit("/staff/passkeys/new", page=PAGE).status_code == 303
    assert "You have 10 passkeys" in browser.get(PAGE).text
