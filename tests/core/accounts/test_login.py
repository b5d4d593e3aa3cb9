"""A beneficiary signs in with a mobile and the code that arrives there."""

import logging
import re
import threading

import pytest

from portal.core import audit, clock, events
from portal.core.accounts.models import Account, OtpChallenge, SignIn
from portal.core.accounts.otp import code_of
from portal.core.db import database
from tests.core.accounts.conftest import MOBILE
from tests.factories import make_account

WRONG = "This is not the OTP we sent. Please look at the newest message and try again."
OVER = "This OTP is over. Please ask for a new one."


def other(code: str) -> str:
    """A code that is not this one."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_right_code_leads_home_and_makes_the_account(client, ask, enter):
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


def test_the_text_comes_in_the_language_of_the_page(client, ask, operator):
    client.get("/lang/hi")
    ask(client)
    assert operator.ledger[0].language == "hi"
    assert "आपका ओटीपी है, 5 मिनट मान्य" in operator.ledger[0].text


def test_digits_of_another_script_and_blanks_are_the_same_code(client, ask, enter):
    code = ask(client).translate(str.maketrans("0123456789", "०१२३४५६७८९"))
    assert enter(client, f" {code[:3]} {code[3:]} ").status_code == 303


@pytest.mark.parametrize(("seconds", "status"), [(299, 303), (301, 422)])
def test_a_code_lives_five_minutes(client, ask, enter, clock, seconds, status):
    code = ask(client)
    clock.tick(seconds)
    assert enter(client, code).status_code == status


def test_a_code_works_once(client, app, ask, enter):
    code = ask(client)
    before = client.get_cookie("portal").value
    assert enter(client, code).status_code == 303
    again = app.test_client()
    again.set_cookie("portal", before)
    answer = enter(again, code)
    assert answer.status_code == 422
    assert OVER in answer.text
    assert SignIn.select().count() == 1


def test_of_fifty_who_enter_the_right_code_at_once_one_comes_in(client, app, ask):
    code, token = ask(client), client.hidden_fields("/login/otp")["csrf_token"]
    cookie, statuses, start = client.get_cookie("portal").value, [], threading.Barrier(50)

    def enter() -> None:
        browser = app.test_client()
        browser.set_cookie("portal", cookie)
        start.wait()
        statuses.append(browser.post("/login/otp", data={"otp": code, "csrf_token": token}).status_code)
        database.close()

    threads = [threading.Thread(target=enter) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(303) == 1
    assert set(statuses) <= {303, 422, 503}  # 503: the gate was too busy, and the code stays good
    assert SignIn.select().count() == 1


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


def test_each_refused_code_is_on_record(client, ask, enter):
    enter(client, other(ask(client)))
    rows = audit.AuditRow.select().where(audit.AuditRow.action == "OtpRefused")
    assert [row.subject for row in rows] == [OtpChallenge.get().uid]


@pytest.mark.parametrize("text", ["", "12345", "1234567", "abcdef", "12345६x", "²²²²²²", "\x00", "9" * 5000])
def test_what_is_no_code_is_refused_with_the_page(client, ask, enter, text):
    ask(client)
    answer = enter(client, text)
    assert answer.status_code == 422
    assert WRONG in answer.text


def test_a_code_asked_for_in_one_browser_does_not_work_in_another(client, app, ask, enter):
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
    """An answer without what is random in every answer."""
    headers = [(name, value) for name, value in answer.headers if name != "Set-Cookie"]
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


def test_a_closed_account_is_told_so_only_after_the_code(client, ask, enter):
    make_account(MOBILE, disabled_at=clock.now())
    answer = enter(client, ask(client))
    assert answer.status_code == 422
    assert "This account is closed. Please call the helpline." in answer.text
    assert SignIn.select().count() == 0


def test_codes_are_spread_evenly(db):
    codes = [code_of(OtpChallenge(nonce=f"{number:032x}")) for number in range(20_000)]
    for place in range(6):
        counts = [sum(code[place] == digit for code in codes) for digit in "0123456789"]
        assert sum((count - 2000) ** 2 / 2000 for count in counts) < 33.7  # chi-square, 9 degrees of freedom
