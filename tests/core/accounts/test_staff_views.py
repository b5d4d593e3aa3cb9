"""Staff sign in with a password, and with a code where a second factor is set."""

from datetime import timedelta
from urllib.parse import urlencode

import pyotp
import pytest

from portal.base.errors import Unavailable
from portal.contracts import SignInWay
from portal.core.accounts import credentials
from portal.core.accounts.models import SignIn, Staff
from portal.work.audit import AuditRow
from tests.factories import make_staff
from tests.fakes import install_plugin

PASSWORD = "correct horse battery staple"


REFUSED = "User name and password do not fit together."


FIRST_PAGES = {
    "medical_officer": "/referrals",
    "doctor": "/board",
    "pharmacist": "/dispense",
    "admin": "/admin",
    "auditor": "/admin/audit",
    "desk": "/desk",
}


@pytest.fixture(scope="module")
def password_hash() -> str:
    return credentials.hash_password(PASSWORD)


@pytest.fixture
def desk(db, password_hash):
    return make_staff("desk", username="desk.09", password_hash=password_hash)


def log_in(browser, username="desk.09", password=PASSWORD, address="198.51.100.7"):
    data = {"username": username, "password": password}
    return browser.submit("/staff/login", data, environ_overrides={"REMOTE_ADDR": address})


def refused(browser, **how) -> None:
    answer = log_in(browser, **how)
    assert answer.status_code == 422
    assert REFUSED in answer.text


@pytest.mark.parametrize(("role", "first_page"), FIRST_PAGES.items())
def test_each_role_is_redirected_to_its_first_page(client, password_hash, role, first_page):
    make_staff(role, username="somebody", password_hash=password_hash)
    answer = log_in(client, " Somebody ")
    assert (answer.status_code, answer.headers["Location"]) == (303, first_page)
    assert AuditRow.select().where(AuditRow.action == "StaffSignedIn").count() == 1


def test_an_unknown_user_and_a_wrong_password_get_the_same_answer(app, client, desk):
    known = log_in(client, password="wrong")
    unknown = log_in(app.test_client(), username="desk.00", password="wrong")
    assert known.status_code == unknown.status_code == 422
    assert len(known.text) == len(unknown.text)
    assert REFUSED in known.text


@pytest.mark.parametrize("username", ["", "x" * 5000, "' or 1=1 --", "डेस्क"])
def test_odd_user_names_are_refused_like_any_other(client, desk, username):
    refused(client, username=username)


def test_a_disabled_person_is_refused_like_an_unknown_one(client, password_hash, now):
    make_staff("desk", username="desk.09", password_hash=password_hash, disabled_at=now)
    refused(client)


def test_after_five_wrong_passwords_the_right_one_waits_fifteen_minutes(client, desk, clock):
    for _ in range(5):
        refused(client, password="wrong")
    answer = log_in(client)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
    clock.tick(901)
    assert log_in(client).status_code == 303


def test_others_who_guess_elsewhere_do_not_lock_the_person_out(app, client, desk):
    for _ in range(5):
        refused(app.test_client(), password="wrong", address="203.0.113.66")
    assert log_in(app.test_client(), address="203.0.113.66").status_code == 429
    assert log_in(client).status_code == 303


def attack(app, clock, name: str = "desk.09") -> None:
    """Guess from many networks until the rate limit refuses unknown devices."""
    for number in range(60):
        log_in(app.test_client(), name, "wrong", f"203.0.{number}.66")
    assert log_in(app.test_client(), name, address="192.0.2.1").status_code == 429


def test_strangers_cannot_lock_out_a_known_device(app, client, desk, clock):
    log_in(client)
    client.submit("/logout", page="/help")
    attack(app, clock)
    assert log_in(client).status_code == 303


def test_a_known_device_has_a_rate_limit_too_and_its_cookie_fits_one_person(app, client, desk, clock, password_hash):
    make_staff("desk", username="desk.10", password_hash=password_hash)
    log_in(client)
    client.submit("/logout", page="/help")
    for _ in range(5):
        refused(client, password="wrong")
    assert log_in(client).status_code == 429
    attack(app, clock, "desk.10")
    assert log_in(client, "desk.10").status_code == 429


def test_a_network_with_many_wrong_passwords_is_throttled_but_not_locked_out(app, client, db, password_hash, clock):
    for number in range(60):
        make_staff("desk", username=f"desk.1{number:02d}", password_hash=password_hash)
    for number in range(50):
        log_in(app.test_client(), f"desk.1{number:02d}", "wrong")
    answer = log_in(client, "desk.155")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
    clock.tick(5)
    assert log_in(client, "desk.155").status_code == 303


def test_right_passwords_count_no_tries(app, client, desk):
    for _ in range(7):
        assert log_in(app.test_client()).status_code == 303


def give_second_factor(staff: Staff) -> str:
    """Store a second factor, as its set-up does; return the secret."""
    secret = credentials.new_secret()
    Staff.update(totp_secret=credentials.seal(secret)).where(Staff.id == staff.id).execute()
    return secret


def half(client, desk) -> pyotp.TOTP:
    """Past the password, before the code."""
    secret = give_second_factor(desk)
    assert log_in(client).headers["Location"] == "/staff/login"
    return pyotp.TOTP(secret)


def test_with_a_second_factor_the_password_alone_is_not_a_sign_in(client, desk, now):
    half(client, desk)
    assert SignIn.select().count() == 0
    assert client.get("/desk").status_code == 303
    assert 'name="code"' in client.get("/staff/login").text


@pytest.mark.parametrize("skew", [-30, 0, 30])
def test_the_code_of_the_app_completes_the_sign_in(client, desk, now, skew):
    maker = half(client, desk)
    answer = client.submit("/staff/login", {"code": maker.at(now + timedelta(seconds=skew))})
    assert answer.headers["Location"] == "/desk"
    assert client.get("/desk").status_code == 200


def test_a_code_of_the_app_works_once(app, client, desk, now):
    maker = half(client, desk)
    client.submit("/staff/login", {"code": maker.at(now)})
    again = app.test_client()
    log_in(again)
    answer = again.submit("/staff/login", {"code": maker.at(now)})
    assert answer.status_code == 422
    assert SignIn.select().count() == 1


def test_wrong_codes_of_the_app_are_counted(client, desk, now):
    maker = half(client, desk)
    for code in ("", "000000", "abcdef", maker.at(now + timedelta(minutes=5)), maker.at(now - timedelta(minutes=5))):
        assert client.submit("/staff/login", {"code": code}).status_code == 422
    assert client.submit("/staff/login", {"code": maker.at(now)}).status_code == 429


def test_the_code_must_follow_within_five_minutes(client, desk, now, clock):
    maker = half(client, desk)
    moment = clock.tick(301)
    assert client.submit("/staff/login", {"code": maker.at(moment)}).status_code == 422
    assert SignIn.select().count() == 0


def test_one_can_begin_again_with_another_name(client, desk, now):
    half(client, desk)
    client.submit("/staff/login", {"again": "yes"})
    assert 'name="username"' in client.get("/staff/login").text


def test_the_secret_is_sealed_in_the_database(desk, now):
    secret = give_second_factor(desk)
    stored = type(desk).get_by_id(desk.id).totp_secret
    assert secret not in stored
    assert credentials.step_of(stored, pyotp.TOTP(secret).at(now), now) == int(now.timestamp()) // 30


@pytest.mark.parametrize("path", ["/board", "/dispense?code=x", "/admin/plugins", "/visits/abc/consult"])
def test_a_page_of_staff_redirects_to_the_staff_sign_in(client, path):
    answer = client.get("/login", query_string={"next": path})
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        "/staff/login?" + urlencode({"next": path}, safe="/?"),
    )


@pytest.mark.parametrize("path", ["/home", "/visits/abc", "/help", "/nothing", "//evil.example", "board", ""])
def test_other_pages_redirect_to_the_sign_in_by_mobile(client, operator, path):
    assert client.get("/login", query_string={"next": path}).status_code == 200


def test_a_crash_while_checking_a_password_counts_no_try(client, desk, clock, monkeypatch):
    def away(*_arguments):
        raise Unavailable(retry_after=5)

    for _try in range(8):  # as a process that dies leaves it
        with monkeypatch.context() as broken:
            broken.setattr(credentials, "is_right", away)
            log_in(client)
    clock.tick(31)
    assert log_in(client).status_code == 303


def test_concurrent_guesses_are_counted_before_they_are_compared(client, desk, monkeypatch):
    def away(*_arguments):
        raise Unavailable(retry_after=5)

    with monkeypatch.context() as broken:
        broken.setattr(credentials, "is_right", away)
        statuses = [log_in(client, password="a guess").status_code for _try in range(6)]
    assert statuses == [503] * 5 + [429]


def test_a_plugin_adds_a_button_to_the_sign_in_page_and_the_password_stays(app, db):
    install_plugin(app, "elsewhere", staff_sign_in=lambda: SignInWay("Sign in with the hospital", "/x/elsewhere/start"))
    page = app.test_client().get("/staff/login?next=/board").text
    assert 'href="/x/elsewhere/start?next=/board"' in page
    assert "Sign in with the hospital" in page
    assert 'name="password"' in page


def test_a_plugin_that_fails_leaves_the_sign_in_page_as_it_is(app, db):
    def explode():
        raise RuntimeError

    install_plugin(app, "bad", staff_sign_in=explode)
    assert 'name="password"' in app.test_client().get("/staff/login").text
