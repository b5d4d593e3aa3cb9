"""Rate limits against guessed codes and floods of requests (S16, S17, S19, S23)."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as some

from portal.base.errors import Invalid, TooMany
from portal.base.mobile import normalise
from portal.core.accounts import otp
from portal.core.accounts.otp import code_of
from portal.core.accounts.services import sign_in_by_code
from portal.settings.clinic import put
from portal.work.throttle import Attempt
from tests.core.accounts.conftest import MOBILE
from tests.core.accounts.test_views import other

HERE, ELSEWHERE = "203.0.113.66", "198.51.100.7"
DIGITS = ["0123456789", "०१२३४५६७८९", "０１２３４５６７８９"]


@pytest.fixture
def guess(db, clock):
    """guess(times) → the status of each wrong guess, five for each fresh code."""

    def guess(times: int, address: str = HERE) -> list[str]:
        answers, challenge = [], None
        for number in range(times):
            if number % 5 == 0:
                clock.tick(31)
                uid = otp.ask(MOBILE, address, language="en", now=clock.now())
                challenge = otp.OtpChallenge.get(otp.OtpChallenge.uid == uid)
            try:
                sign_in_by_code(challenge.uid, other(code_of(challenge)), address, language="en", now=clock.now())
            except TooMany as error:
                answers.append(f"wait {error.retry_after}")
            except Invalid:
                answers.append("wrong")
        return answers

    return guess


def prove(clock, address: str) -> str:
    clock.tick(31)
    uid = otp.ask(MOBILE, address, language="en", now=clock.now())
    challenge = otp.OtpChallenge.get(otp.OtpChallenge.uid == uid)
    signed_in = sign_in_by_code(uid, code_of(challenge), address, language="en", now=clock.now())
    return signed_in.account.mobile


def test_after_six_wrong_codes_the_back_off_grows(guess, clock):
    assert guess(7) == ["wrong"] * 6 + ["wait 60"]
    clock.tick(60)
    assert guess(2) == ["wrong", "wait 120"]
    clock.tick(120)
    assert guess(2) == ["wrong", "wait 240"]


def test_from_all_networks_together_a_number_is_guessed_at_fifty_times_a_day(db, clock):
    """Texts to devices that are not known are one budget of the number, wherever they are asked from (S16)."""
    compared = []
    for network in range(2 * 48):
        address = f"203.0.{network}.66"
        clock.tick(1800)
        uid = otp.ask(MOBILE, address, language="en", now=clock.now())
        for _guess in range(6 if uid else 0):
            challenge = otp.OtpChallenge.get(otp.OtpChallenge.uid == uid)
            with pytest.raises((Invalid, TooMany)):
                sign_in_by_code(uid, other(code_of(challenge)), address, language="en", now=clock.now())
        compared.append(otp.OtpChallenge.get(otp.OtpChallenge.uid == uid).tries if uid else 0)
    days = [sum(compared[first : first + 48]) for first in range(48)]
    assert max(days) == 10 * 5


def test_ten_wrong_codes_lock_the_network_out_for_a_day(guess, clock):
    for _ in range(10):
        Attempt.create(bucket=f"otp-wrong:{MOBILE}@203.0.113.0/24", at=clock.now())
    clock.tick(23 * 3600)
    assert guess(1) == ["wait 86400"]
    clock.tick(3600)
    assert guess(1) == ["wrong"]


def test_guesses_from_one_network_do_not_throttle_another(guess, clock):
    assert guess(7)[-1] == "wait 60"
    with pytest.raises(TooMany):
        prove(clock, HERE)
    assert prove(clock, ELSEWHERE) == MOBILE


def test_the_right_code_resets_the_count(guess, clock):
    guess(4)
    assert prove(clock, HERE) == MOBILE
    assert guess(5) == ["wrong"] * 5


def test_too_many_wrong_codes_get_429_and_the_code_stays_valid(client, ask, enter, clock):
    code = ask(client)
    for _ in range(7):
        Attempt.create(bucket=f"otp-wrong:{MOBILE}@127.0.0.0/24", at=clock.now())
    answer = enter(client, code)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "120")
    clock.tick(120)
    assert enter(client, code).status_code == 303


def test_a_flood_stops_at_the_budget_but_not_for_known_devices(app, client, ask, enter, clock):
    enter(client, ask(client))
    client.submit("/logout", page="/help")
    clock.tick(61)
    put("otp_per_minute", "10")
    for number in range(10):
        assert ask(app.test_client(), f"98123456{number:02d}", f"203.0.{number}.9")
    answer = app.test_client().submit("/login", {"mobile": "9812345699"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "1800-208-8900" in answer.text
    assert ask(client)
    clock.tick(61)
    assert ask(app.test_client(), "9812345699")


@examples(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    prefix=some.sampled_from(["", "0", "+91", "91", "0091", "+91 ", "+91-0"]),
    script=some.sampled_from(DIGITS),
    gaps=some.lists(some.sampled_from(["", " ", "-", " - ", "\u200b", "."]), min_size=10, max_size=10),
)
def test_every_spelling_of_a_number_shares_one_rate_limit(db, now, prefix, script, gaps):
    digits = [script[int(digit)] + gap for digit, gap in zip("9876543210", gaps, strict=True)]
    try:
        number = normalise(prefix + "".join(digits))
    except ValueError:
        return  # refused: nothing is sent
    put("otp_per_address_hour", "10000")
    otp.ask(number, HERE, language="en", now=now)
    assert Attempt.select().where(Attempt.bucket.startswith("otp:")).count() <= 1


def test_repeated_fields_are_sent_to_one_number(client, operator, queue):
    token = client.hidden_fields("/login")["csrf_token"]
    for _ in range(2):
        client.post("/login", data={"csrf_token": token, "mobile": ["9876543210", "9812345678", "+919876543210"]})
    queue.drain()
    assert [message.to for message in operator.ledger] == [MOBILE]


def test_a_throttled_number_gets_a_byte_identical_answer(app, client, ask, clock):
    answers, cookies = [], []
    for _ in range(2):
        browser = app.test_client()
        token = browser.hidden_fields("/login")["csrf_token"]
        answer = browser.post("/login", data={"mobile": MOBILE, "csrf_token": token})
        cookies.append(len(answer.headers["Set-Cookie"]))  # compressed and random: a byte or two differ anyway
        of_every_answer = {"Set-Cookie", "X-Request-Id"}
        headers = sorted((name, value) for name, value in answer.headers if name not in of_every_answer)
        answers.append((answer.status_code, answer.data, headers))
    assert answers[0] == answers[1]
    assert abs(cookies[0] - cookies[1]) <= 16
    assert Attempt.select().where(Attempt.bucket.startswith("otp:")).count() == 1
