"""Rate limits of OTP texts, by number, device and network (S17, S19, S20, S23)."""

import pytest

from portal.core.accounts import browser_views, otp
from portal.core.accounts.models import OtpChallenge
from portal.core.accounts.otp import sweep_challenges
from portal.core.outbox import alarms
from portal.settings.clinic import put
from portal.work import throttle
from portal.work.throttle import Attempt
from tests.core.accounts.conftest import MOBILE

SPELLINGS = ["9876543210", "09876543210", "+91 98765 43210", "९८७६५४३२१०", "９８７６５４３２１０", "0091-9876-543-210"]


def test_within_thirty_seconds_nothing_is_sent_and_the_first_code_stays_valid(client, ask, enter, clock):
    code = ask(client)
    clock.tick(29)
    assert ask(client) == ""
    assert enter(client, code).status_code == 303


def test_after_thirty_seconds_a_new_code_is_sent_and_the_old_one_is_invalid(client, ask, enter, clock):
    old = ask(client)
    clock.tick(31)
    new = ask(client)
    assert enter(client, old).status_code == 422 or old == new
    assert enter(client, new).status_code == 303


def test_resending_is_answered_the_same_whether_something_is_sent_or_not(client, ask, queue, operator, clock):
    ask(client)
    for seconds, sent in ((5, 1), (30, 2)):
        clock.tick(seconds)
        answer = client.submit("/login/otp", {"resend": "yes"})
        queue.drain()
        assert (answer.status_code, answer.headers["Location"]) == (303, "/login/otp")
        assert "a new OTP is on its way" in client.get("/login/otp").text
        assert len(operator.ledger) == sent


def test_a_number_gets_five_texts_an_hour_however_it_is_written(app, client, ask, clock):
    arrived = []
    for spelling in SPELLINGS:
        arrived.append(ask(app.test_client(), spelling))
        clock.tick(31)
    assert [bool(code) for code in arrived] == [True] * 5 + [False]
    clock.tick(3600)
    assert ask(client)


def test_a_number_gets_ten_texts_a_day(app, client, ask, clock):
    arrived = 0
    for _ in range(14):
        arrived += bool(ask(app.test_client()))
        clock.tick(1000)
    assert arrived == 10


def asks(browser, mobile: str, address: str):
    """The answer to one who asks for a code from this address."""
    return browser.submit("/login", {"mobile": mobile}, environ_overrides={"REMOTE_ADDR": address})


def test_a_network_that_asks_for_many_numbers_is_throttled_but_not_locked_out(app, client, ask, clock, operator, queue):
    put("otp_per_address_hour", "3")
    for number in range(3):
        assert ask(app.test_client(), f"98123456{number:02d}", "203.0.113.9")
    for neighbour in ("203.0.113.9", "203.0.113.200", "::ffff:203.0.113.7"):
        answer = asks(client, MOBILE, neighbour)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
    queue.drain()
    assert len(operator.ledger) == 3
    assert ask(client, MOBILE, "198.51.100.1")
    clock.tick(5)
    assert ask(app.test_client(), "9812345655", "203.0.113.9")
    assert asks(client, "9812345656", "203.0.113.9").status_code == 429


def test_the_throttle_of_a_network_backs_off_to_at_most_forty_seconds(app, clock, ask):
    put("otp_per_address_hour", "2")
    waits = []
    for number in range(12):
        while (answer := asks(app.test_client(), f"98123457{number:02d}", "203.0.113.9")).status_code == 429:
            waits.append(int(answer.headers["Retry-After"]))
            clock.tick(waits[-1])
    assert waits == [5, 5, 10, 10, 20, 20, 40, 40, 40, 40]


def test_a_known_device_is_not_throttled_with_its_network(app, client, ask, enter, clock):
    enter(client, ask(client, address="203.0.113.9"))
    client.submit("/logout", page="/help")
    put("otp_per_address_hour", "1")
    clock.tick(31)
    ask(app.test_client(), "9812345600", "203.0.113.9")
    assert asks(app.test_client(), "9812345601", "203.0.113.9").status_code == 429
    assert enter(client, ask(client, address="203.0.113.9")).status_code == 303


def test_a_browser_is_a_known_device_of_the_whole_family_and_of_nobody_else(client, ask, enter, clock):
    for mobile in (MOBILE, "+919812345678"):
        enter(client, ask(client, mobile))
        client.submit("/logout", page="/help")
    cookie = client.get_cookie("device").value
    assert browser_views.known_device(MOBILE, cookie) == browser_views.known_device("+919812345678", cookie) != ""
    assert browser_views.known_device("+919812345679", cookie) == ""
    for number in range(20):
        cookie = browser_views.remember(f"+9198000000{number:02d}", cookie)
    assert len(cookie) < 400
    assert browser_views.known_device("+919800000019", cookie)


def test_at_the_daily_limit_unknown_devices_get_no_texts_and_administrators_are_warned(app, client, ask, enter, clock):
    put("otp_per_day_all", "100")
    enter(client, ask(client))
    client.submit("/logout", page="/help")
    told = {}
    for number in range(99):
        told[number] = otp.alarms(clock.now())
        clock.tick(31)
        otp.ask(f"+9198123400{number:02d}", f"203.0.{number}.9", language="en", now=clock.now())
    assert [bool(told[number]) for number in (0, 78, 79)] == [False, False, True]
    answer = asks(app.test_client(), "9812345699", "198.51.100.1")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3600")
    assert "1800-208-8900" in answer.text
    assert "the ceiling in the settings" in alarms.standing(clock.now())[0]
    clock.tick(31)
    assert ask(client)
    clock.tick(24 * 3600)
    assert ask(app.test_client(), "9812345699")
    assert otp.alarms(clock.now()) == []


def test_setting_the_clock_back_does_not_extend_a_rate_limit(client, ask, clock):
    ask(client)
    clock.step(-3600)
    assert ask(client)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_no_header_changes_the_client_address_of_a_rate_limit(app, client, ask, header):
    put("otp_per_address_hour", "1")
    ask(app.test_client(), "9812345600", "203.0.113.9")
    options = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.9"}, "headers": {header: "198.51.100.1"}}
    assert client.submit("/login", {"mobile": MOBILE}, **options).status_code == 429


def test_a_known_device_is_not_locked_out_by_others(app, client, ask, enter, clock):
    enter(client, ask(client))
    client.submit("/logout", page="/help")
    clock.tick(31)
    for _ in range(12):
        ask(app.test_client(), address="203.0.113.66")
        clock.tick(31)
    assert ask(app.test_client()) == ""
    assert enter(client, ask(client)).status_code == 303


def test_a_known_device_has_rate_limits_too_and_its_cookie_fits_one_number(client, ask, enter, clock):
    enter(client, ask(client))
    client.submit("/logout", page="/help")
    arrived = 0
    for _ in range(8):
        clock.tick(31)
        arrived += bool(ask(client))
    assert arrived == 5
    assert client.get_cookie("device").value
    assert ask(client, "+919812345678")
    assert ask(client, "+919812345678") == ""


def test_a_forged_device_cookie_is_ignored(app, ask, clock):
    for name in "abcdef":
        browser = app.test_client()
        browser.set_cookie("device", f"{name}.{name * 32}")
        arrived = ask(browser)
        clock.tick(31)
    assert arrived == ""


def test_a_network_is_throttled_as_one_address():
    assert throttle.network("203.0.113.9") == throttle.network("203.0.113.250")
    assert throttle.network("2001:db8:1:2::5") == throttle.network("2001:db8:1:ffff::1")
    assert throttle.network("2001:db8:1::") != throttle.network("2001:db8:2::")
    assert throttle.network("unix:") == "unix:"


def test_counts_older_than_every_rate_limit_are_deleted(client, ask, clock):
    ask(client)
    moment = clock.tick(3 * 24 * 3600)
    throttle.sweep_attempts(moment)
    sweep_challenges(moment)
    assert (Attempt.select().count(), OtpChallenge.select().count()) == (0, 0)
