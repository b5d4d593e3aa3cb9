"""The lock of a phone in place of an SMS: made after an OTP, bound to the mobile, over when the mobile is another's."""

from dataclasses import replace

import pytest

from portal.base.errors import Invalid
from portal.core.accounts.models import Account, SignIn
from portal.core.accounts.passkeys import mobiles
from portal.core.accounts.passkeys.models import AccountPasskey
from portal.core.accounts.passkeys.proofs import host_of
from portal.work.audit import SYSTEM, AuditRow
from tests.core.accounts.conftest import MOBILE
from tests.core.accounts.passkeys.key import Key
from tests.core.accounts.passkeys.test_passkeys import challenge_in
from tests.factories import make_account, make_beneficiary

PAGE, BUTTON = "/my/sign-in", "Sign in with fingerprint or screen lock, without SMS"


@pytest.fixture
def key(app):
    origin = app.config["PORTAL"].base_url
    return Key(origin, host_of(origin), verifies=True)


@pytest.fixture
def switched_on(client, ask, enter, key):
    """A browser that signed in by OTP, switched its lock on, and signed out."""
    enter(client, ask(client))
    assert (
        client.submit(PAGE, {"passkey": key.make(challenge_in(client.get(PAGE).text))}, page="/help").status_code == 303
    )
    assert AccountPasskey.select().count() == 1
    client.submit("/logout", page=PAGE)
    return client


def by_phone(browser, answer: str):
    return browser.submit("/login/phone", {"passkey": answer}, page="/help")


def asked(browser) -> str:
    return challenge_in(browser.get("/login").text)


def actions() -> list[str]:
    return [row.action for row in AuditRow.select().order_by(AuditRow.id)]


def test_it_signs_in_the_mobile_without_an_sms(switched_on, key, operator, queue):
    texts = len(operator.ledger)
    answer = by_phone(switched_on, key.sign(asked(switched_on)))
    assert (answer.status_code, answer.location) == (303, "/home")
    row = SignIn.select().order_by(SignIn.id.desc()).get()
    assert (row.account.mobile, row.ended_at) == (MOBILE, None)
    queue.drain()
    assert len(operator.ledger) == texts
    assert {"AccountPasskeyAdded", "AccountPasskeyUsed"} <= set(actions())


def test_it_signs_in_while_no_sms_can_be_sent(monkeypatch, switched_on, key):
    monkeypatch.setattr("portal.core.accounts.views.can_send", lambda _plugins: False)
    page = switched_on.get("/login")
    assert (page.status_code, BUTTON in page.text) == (503, True)
    assert by_phone(switched_on, key.sign(challenge_in(page.text))).location == "/home"


def test_other_browsers_are_not_offered_it(app, switched_on):
    assert BUTTON in switched_on.get("/login").text
    assert BUTTON not in app.test_client().get("/login").text


def test_a_challenge_is_answered_once(switched_on, key, now):
    """Also by a key without a counter, and although the cookie with the challenge can be kept and sent again."""
    challenge = asked(switched_on)
    answered = challenge, key.origin, "198.51.100.7"
    mobiles.sign_in(key.sign(challenge), *answered, language="en", now=now)
    with pytest.raises(Invalid):
        mobiles.sign_in(key.sign(challenge), *answered, language="en", now=now)


def test_at_a_kiosk_it_is_neither_offered_nor_taken(switched_on, key):
    challenge = asked(switched_on)
    switched_on.set_cookie("kiosk", "k" * 32)
    assert BUTTON not in switched_on.get("/login").text
    before = SignIn.select().count()
    by_phone(switched_on, key.sign(challenge))
    assert SignIn.select().count() == before


@pytest.mark.parametrize("fault", ["origin", "host", "challenge", "another", "not the person", "copied"])
def test_what_does_not_fit_is_refused_and_audited(switched_on, key, fault):
    if fault == "copied":
        by_phone(switched_on, key.sign(asked(switched_on)))
        switched_on.submit("/logout", page="/home")
        key.count = 0
    challenge = asked(switched_on)
    if fault == "origin":
        key.origin = "https://portal.example.org"
    elif fault == "host":
        key.host = "example.org"
    elif fault == "another":
        key = Key(key.origin, key.host, verifies=True)
    elif fault == "not the person":
        key.verifies = False
    answer = by_phone(switched_on, key.sign("AAAA" if fault == "challenge" else challenge))
    assert answer.location.startswith("/login")
    assert "That did not work" in switched_on.get("/login").text
    assert actions()[-1] == "PasskeyRefused"


def test_a_phone_that_does_not_check_who_holds_it_is_not_taken(client, ask, enter, key):
    enter(client, ask(client))
    key.verifies = False
    client.submit(PAGE, {"passkey": key.make(challenge_in(client.get(PAGE).text))}, page="/help")
    assert not AccountPasskey.select().exists()


def test_it_is_switched_on_only_minutes_after_an_otp(client, ask, enter, key, clock):
    enter(client, ask(client))
    clock.tick(25 * 60)
    assert "data-passkey" in client.get(PAGE).text
    clock.tick(6 * 60)
    page = client.get(PAGE).text
    assert "data-passkey" not in page
    assert "sign in once more by SMS" in page
    assert client.submit(PAGE, {"passkey": key.make("AAAA")}, page="/help").status_code == 403


def test_who_signed_in_by_a_phone_switches_no_other_on(switched_on, key):
    by_phone(switched_on, key.sign(asked(switched_on)))
    assert "data-passkey" not in switched_on.get(PAGE).text


def test_it_lapses_without_an_otp_in_that_browser(switched_on, ask, enter, key, clock):
    clock.tick(80 * 24 * 3600)
    enter(switched_on, ask(switched_on))
    switched_on.submit("/logout", page="/home")
    clock.tick(80 * 24 * 3600)
    challenge = asked(switched_on)
    AccountPasskey.update(proven_at=clock.now() - mobiles.PROVEN_FOR).execute()
    assert BUTTON not in switched_on.get("/login").text
    assert by_phone(switched_on, key.sign(challenge)).location.startswith("/login")


def test_an_otp_in_another_browser_keeps_no_key_alive(app, switched_on, ask, enter):
    before = AccountPasskey.get().proven_at
    other = app.test_client()
    AccountPasskey.update(proven_at=before - mobiles.FRESH).execute()
    enter(other, ask(other))
    assert AccountPasskey.get().proven_at == before - mobiles.FRESH


def test_switched_off_it_opens_nothing(switched_on, ask, enter, key, clock):
    challenge = asked(switched_on)
    clock.tick(60)
    enter(switched_on, ask(switched_on))
    page = switched_on.get(PAGE).text
    assert "This phone" in page
    switched_on.submit(f"{PAGE}/{AccountPasskey.get().uid}/remove", page=PAGE)
    switched_on.submit("/logout", page=PAGE)
    assert BUTTON not in switched_on.get("/login").text
    assert by_phone(switched_on, key.sign(challenge)).location.startswith("/login")
    assert "AccountPasskeyRemoved" in actions()


def test_nobody_switches_off_anothers(switched_on, sign_in):
    other = sign_in(make_account("+919876543299"))
    assert other.submit(f"{PAGE}/{AccountPasskey.get().uid}/remove", page="/messages").status_code == 404
    assert AccountPasskey.select().count() == 1


def test_a_closed_account_is_not_opened(switched_on, key, now):
    Account.update(disabled_at=now).execute()
    assert by_phone(switched_on, key.sign(asked(switched_on))).location.startswith("/login")


def test_a_cancelled_one_is_audited_and_opens_nothing(switched_on, key, now):
    challenge = asked(switched_on)
    mobiles.cancel(Account.get(), by=SYSTEM, now=now)
    assert by_phone(switched_on, key.sign(challenge)).location.startswith("/login")
    assert "AccountPasskeysCancelled" in actions()


def test_after_a_restore_every_phone_signs_in_by_sms(switched_on, now):
    mobiles.forget_keys(now)
    assert BUTTON not in switched_on.get("/login").text


@pytest.mark.parametrize(("base_url", "is_offered"), [("https://opd.example", True), ("http://192.0.2.7:8000", False)])
def test_a_portal_without_a_name_of_its_own_leads_nobody_to_it(app, sign_in, base_url, is_offered):
    """Browsers bind a key to a name, never to the number of a computer."""
    app.config["PORTAL"] = replace(app.config["PORTAL"], base_url=base_url)
    assert (PAGE in sign_in(make_beneficiary()).get("/home").text) == is_offered
