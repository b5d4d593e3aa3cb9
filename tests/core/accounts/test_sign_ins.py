"""Timeouts of sign-ins, and the flags of their cookies (S25, S28, S29)."""

from dataclasses import replace
from threading import Thread
from time import sleep

import pytest

from portal.app import create_app
from portal.base.clock import now as moment
from portal.core.accounts import sign_ins
from portal.core.accounts.models import Account, SignIn, Staff
from portal.store.db import database, is_sqlite, write
from tests.client import Browser
from tests.core.accounts.conftest import MOBILE
from tests.factories import make_account, make_beneficiary, make_staff, make_visit
from tests.live.polls import address_in
from tests.statements import statements as statements


@pytest.mark.parametrize(("state", "status"), [("called", 200), ("in_call", 200), ("writing", 200), ("completed", 303)])
def test_a_doctor_with_a_patient_is_not_signed_out(sign_in, clock, state, status):
    doctor = make_staff("doctor")
    make_visit(state, doctor=doctor)
    browser = sign_in(doctor)
    clock.tick(3600)
    assert browser.get("/board").status_code == status


@pytest.mark.parametrize("state", ["waiting", "awaiting_recall", "called", "in_call", "writing"])
def test_the_absolute_timeout_applies_while_waiting_too(sign_in, clock, state):
    person = make_beneficiary()
    make_visit(state, beneficiary=person)
    browser = sign_in(person)
    clock.tick(12 * 3600 - 1)
    assert browser.get("/home").status_code == 200
    clock.tick(1)
    assert browser.get("/home").status_code == 303


@pytest.mark.parametrize("state", ["completed", "cancelled", "expired", "no_show"])
def test_a_closed_visit_does_not_exempt_from_the_idle_timeout(sign_in, clock, state):
    person = make_beneficiary()
    make_visit(state, beneficiary=person)
    browser = sign_in(person)
    clock.tick(30 * 60 + 1)
    answer = browser.get("/home", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"][:6]) == (401, "/login")


def test_polls_are_background_requests_whatever_their_headers(sign_in, clock):
    visit = make_visit("waiting")
    browser = sign_in(visit.beneficiary)
    ticket = address_in(browser.get(f"/visits/{visit.uid}").text)
    begun = SignIn.get().seen_at
    clock.tick(300)
    assert browser.get(ticket).status_code == 200
    assert browser.get("/live/nonsense").status_code == 404
    assert SignIn.get().seen_at == begun
    browser.get("/home")
    assert SignIn.get().seen_at == moment()


def test_concurrent_touches_share_one_transaction_and_none_is_lost(db, clock, statements):
    keys = [sign_ins.start(account=make_account(), now=clock.now()).key for _ in range(10)]
    later = clock.tick(90)

    def ask(key: str) -> None:
        sign_ins.find(key, now=later)
        database.close()

    threads = [Thread(target=ask, args=(key,)) for key in keys]
    with write():
        for thread in threads:
            thread.start()
        while is_sqlite() and len(sign_ins._touches._pending) < len(keys):
            sleep(0.001)
    for thread in threads:
        thread.join()
    assert {row.seen_at for row in SignIn.select()} == {later}
    written = [sql for sql in statements if sql.startswith('UPDATE "sign_in"')]
    assert len(written) == 1 or not is_sqlite()  # PostgreSQL let some of them in before the others came


def test_every_cookie_is_http_only_and_same_site(client, ask, enter):
    answer = enter(client, ask(client))
    cookies = answer.headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"portal", "device"}
    for cookie in cookies:
        parts = set(cookie.split("; "))
        assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= parts
        assert not any(part.startswith("Domain") for part in parts)
        assert "Secure" not in parts
        assert len(cookie) < 4096
        assert MOBILE not in cookie


def test_with_https_cookies_are_secure_and_host_only(app, config, clock):
    secure = create_app(replace(config, base_url="https://localhost"))
    secure.test_client_class = Browser
    browser = secure.test_client()
    answer = browser.get("/login", base_url="https://localhost")
    for cookie in answer.headers.getlist("Set-Cookie"):
        assert cookie.startswith("__Host-portal=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))


def test_a_fresh_installation_has_no_account(db):
    assert (Staff.select().count(), Account.select().count(), SignIn.select().count()) == (0, 0, 0)


def test_a_sign_in_is_kept_for_a_year_as_a_log_and_then_deleted(sign_in, clock):
    sign_in(make_beneficiary())
    ends = SignIn.get().ends_at
    clock.tick((ends + sign_ins.KEPT - moment()).total_seconds())
    sign_ins.sweep_sign_ins(moment())
    assert SignIn.select().count() == 1
    clock.tick(1)
    sign_ins.sweep_sign_ins(moment())
    assert SignIn.select().count() == 0
