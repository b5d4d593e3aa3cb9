"""A beneficiary signs in by mobile and OTP."""

import logging
import os
import re
import subprocess
import sys
import threading

import pytest

from portal.base import clock
from portal.core.accounts.models import Account, OtpChallenge, SignIn
from portal.core.accounts.otp import code_of
from portal.store.db import database
from portal.work import audit, events
from tests.core.accounts.conftest import MOBILE
from tests.factories import make_account

CHECKS = """
import os, sys
from datetime import datetime
from portal.app import create_app
from portal.config import load
from portal.core.accounts.services import sign_in_by_code
from portal.store.db import close_database
app, moment = create_app(load()), datetime.fromisoformat(sys.argv[3])
close_database()
for _ in range(int(sys.argv[4])):
    if not os.fork():
        with app.app_context():
            sign_in_by_code(sys.argv[1], sys.argv[2], "198.51.100.7", language="en", now=moment)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.wait()[1]))
"""
WRONG = "This is not the OTP we sent. Please look at the newest message and try again."
OVER = "This OTP is over. Please ask for a new one."


def other(code: str) -> str:
    """Return a wrong code."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_right_code_creates_the_account_and_redirects_home(client, ask, enter):
    answer = enter(client, ask(client))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/home")
    assert client.get("/home").headers["Location"] == "/register"
    assert client.get("/register").status_code == 200
    assert Account.get().mobile == MOBILE


def test_the_account_keeps_the_language_of_its_last_sign_in(client, ask, enter):
    make_account(MOBILE, language="en")
    client.get("/lang/hi")
    enter(client, ask(client))
    assert Account.get().language == "hi"


def test_the_sms_is_in_the_language_of_the_page(client, ask, operator):
    client.get("/lang/hi")
    ask(client)
    assert operator.ledger[0].language == "hi"
    assert "आपका ओटीपी है, 5 मिनट मान्य" in operator.ledger[0].text


@pytest.mark.parametrize("copied", ["{0}{1}", " {0}{1}", "{0} {1}", "{0}-{1}", "{0}\u2009{1}\u200b", "\u200e{0}{1}\n"])
@pytest.mark.parametrize("script", ["0123456789", "०१२३४५६७८९"])
def test_a_code_is_accepted_in_any_copied_spelling(client, ask, enter, copied, script):
    code = ask(client).translate(str.maketrans("0123456789", script))
    assert enter(client, copied.format(code[:3], code[3:])).status_code == 303


def test_the_code_field_does_not_truncate_a_pasted_code(client, ask):
    ask(client)
    field = re.search(r'<input id="otp"[^>]*>', client.get("/login/otp").text)[0]
    assert int(re.search(r'maxlength="(\d+)"', field)[1]) >= len(" 1 2 3 4 5 6 ")


@pytest.mark.parametrize(("seconds", "status"), [(299, 303), (301, 422)])
def test_a_code_expires_after_five_minutes(client, ask, enter, clock, seconds, status):
    code = ask(client)
    clock.tick(seconds)
    assert enter(client, code).status_code == status


def living() -> list[SignIn]:
    """Return the active sign-ins."""
    return list(SignIn.select().where(SignIn.ended_at.is_null()))


def same_browser(app, cookie: str):
    """Restore the browser's state from before it sent the code: the answer was lost."""
    browser = app.test_client()
    browser.set_cookie("portal", cookie)
    return browser


@pytest.mark.parametrize(("seconds", "status"), [(0, 303), (60, 303), (61, 422)])
def test_a_browser_that_lost_the_answer_can_retry_the_code_for_a_minute(
    client, app, ask, enter, clock, seconds, status
):
    code = ask(client)
    before = client.get_cookie("portal").value
    enter(client, code)
    clock.tick(seconds)
    again = same_browser(app, before)
    answer = enter(again, code)
    assert answer.status_code == status
    assert (OVER in answer.text) == (status == 422)
    comes_in = status == 303
    assert (client.get("/register").status_code, again.get("/register").status_code) == (
        (303, 200) if comes_in else (200, 303)
    )
    assert len(living()) == 1


def test_a_code_whose_sign_in_was_ended_cannot_be_retried(client, app, ask, enter):
    code = ask(client)
    before = client.get_cookie("portal").value
    enter(client, code)
    client.submit("/logout", page="/help")
    assert enter(same_browser(app, before), code).status_code == 422
    assert living() == []


def at_once(app, code: str, browsers: list[tuple[str, str]]) -> list[int]:
    """Return the status each browser (cookie, CSRF token) gets when all enter this code concurrently."""
    statuses, start = [], threading.Barrier(len(browsers))

    def enter(cookie: str, token: str) -> None:
        browser = same_browser(app, cookie)
        start.wait()
        statuses.append(browser.post("/login/otp", data={"otp": code, "csrf_token": token}).status_code)
        database.close()

    threads = [threading.Thread(target=enter, args=browser) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def asked(browser) -> tuple[str, str]:
    """Return (cookie, CSRF token) of a browser on the page of the code."""
    token = browser.hidden_fields("/login/otp")["csrf_token"]
    return browser.get_cookie("portal").value, token


def test_fifty_concurrent_right_codes_from_one_browser_leave_one_active_sign_in(client, app, ask):
    code = ask(client)
    statuses = at_once(app, code, [asked(client)] * 50)
    assert 303 in statuses
    assert set(statuses) <= {303, 422, 503}  # 503: the write gate was too busy; the code stays valid
    assert len(living()) == 1


def test_other_browsers_that_enter_the_code_concurrently_are_refused(client, app, ask):
    code, others = ask(client), [app.test_client() for _ in range(50)]
    for other_one in others:
        ask(other_one)  # of the same number, within the gap: nothing is sent, and the page looks the same
    assert set(at_once(app, code, [asked(other_one) for other_one in others])) <= {422, 503}
    assert living() == []


def test_a_crash_while_checking_a_code_counts_no_try(client, ask, enter, config, clock):
    code = ask(client)
    times = 6  # one more than a code has tries
    crashed = subprocess.run(
        [sys.executable, "-c", CHECKS, OtpChallenge.get().uid, code, clock.now().isoformat(), str(times)],
        env=os.environ | dict(config.environ) | {"PORTAL_CRASH_AT": "accounts.code_checked"},
        capture_output=True,
        timeout=300,
        check=True,
    )
    assert crashed.stdout.split() == [b"137"] * times
    assert OtpChallenge.get().tries == 0
    assert living() == []
    assert enter(client, code).status_code == 303


def test_after_five_wrong_codes_the_right_one_fails_too(client, ask, enter):
    code = ask(client)
    for _ in range(5):
        answer = enter(client, other(code))
        assert answer.status_code == 422
        assert WRONG in answer.text
    answer = enter(client, code)
    assert answer.status_code == 422
    assert OVER in answer.text
    assert SignIn.select().count() == 0


def test_each_refused_code_is_audited(client, ask, enter):
    enter(client, other(ask(client)))
    rows = audit.AuditRow.select().where(audit.AuditRow.action == "OtpRefused")
    assert [row.subject for row in rows] == [OtpChallenge.get().uid]


@pytest.mark.parametrize("text", ["", "12345", "1234567", "abcdef", "12345६x", "²²²²²²", "\x00", "9" * 5000])
def test_malformed_codes_are_refused(client, ask, enter, text):
    ask(client)
    answer = enter(client, text)
    assert answer.status_code == 422
    assert WRONG in answer.text


def test_a_code_requested_in_one_browser_is_refused_in_another(client, app, ask, enter):
    code, elsewhere = ask(client), app.test_client()
    assert elsewhere.get("/login/otp").headers["Location"] == "/login"
    ask(elsewhere, "+919812345678")
    assert enter(elsewhere, code).status_code == 422


@pytest.mark.parametrize("mobile", ["", "98765", "01123456789", "+14155552671", "ramesh"])
def test_a_wrong_mobile_is_refused_and_nothing_is_sent(client, operator, queue, mobile):
    answer = client.submit("/login", {"mobile": mobile})
    queue.drain()
    assert answer.status_code == 422
    assert f'value="{mobile}"' in answer.text
    assert (operator.ledger, events.Event.select().count()) == ([], 0)


def anonymous(answer) -> tuple[int, list[tuple[str, str]], str]:
    """Strip the random parts of an answer."""
    of_every_answer = {"Set-Cookie", "X-Request-Id"}
    headers = [(name, value) for name, value in answer.headers if name not in of_every_answer]
    return answer.status_code, headers, re.sub(r'(content|value)="[^"]{60,}"|/demo/phone/\d+', "", answer.text)


def test_a_known_and_an_unknown_number_get_the_same_answers(client, app, operator, caplog):
    make_account("+919812345610")
    caplog.set_level(logging.DEBUG, logger="peewee")
    seen = []
    for mobile in ("9812345610", "9876543210"):
        browser = app.test_client()
        token = browser.hidden_fields("/login")["csrf_token"]
        caplog.clear()
        answer = browser.post("/login", data={"mobile": mobile, "csrf_token": token})
        queries = [re.sub(r'"s[0-9a-f]{32}"|\[.*', "", record.message) for record in caplog.records]
        seen.append((anonymous(answer), anonymous(browser.get("/login/otp")), queries))
    assert seen[0] == seen[1]


def test_without_a_sender_sign_in_names_the_helpline(client):
    for answer in (client.get("/login"), client.post("/login")):
        assert answer.status_code in {400, 503}
    answer = client.get("/login")
    assert "1800-208-8900" in answer.text
    assert answer.headers["Retry-After"] == "600"
    assert Account.select().count() == 0


def test_a_disabled_account_is_disclosed_only_after_the_right_code(client, ask, enter):
    make_account(MOBILE, disabled_at=clock.now())
    answer = enter(client, ask(client))
    assert answer.status_code == 422
    assert "This account is closed. Please call the helpline." in answer.text
    assert SignIn.select().count() == 0


def test_codes_are_uniformly_distributed(db):
    codes = [code_of(OtpChallenge(nonce=f"{number:032x}")) for number in range(20_000)]
    for place in range(6):
        counts = [sum(code[place] == digit for code in codes) for digit in "0123456789"]
        assert sum((count - 2000) ** 2 / 2000 for count in counts) < 33.7  # chi-square, 9 degrees of freedom
