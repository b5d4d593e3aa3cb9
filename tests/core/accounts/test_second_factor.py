"""The second factor of staff: required for every page; recovery codes work once."""

import re
from dataclasses import replace

import pyotp
import pytest

from portal.base.errors import Conflict
from portal.core.accounts import credentials, second_factor
from portal.core.accounts.models import RecoveryCode, SignIn, Staff
from portal.work.audit import SYSTEM, Actor
from tests.factories import make_staff

PASSWORD = "four words of a kind"


@pytest.fixture
def desk(app, db):
    app.config["PORTAL"] = replace(app.config["PORTAL"], demo=False)
    return make_staff("desk", username="desk.one", totp_secret="", password_hash=credentials.hash_password(PASSWORD))


def staff_sign_in(client, **more):
    answer = client.submit("/staff/login", {"username": "desk.one", "password": PASSWORD}, page="/staff/login")
    return client.submit("/staff/login", more, page="/staff/login") if more else answer


def test_without_a_factor_every_page_redirects_to_its_setup(client, desk):
    assert staff_sign_in(client).status_code == 303
    for address in ("/desk", "/announcements"):
        answer = client.get(address)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/second-factor")
    fragment = client.get("/desk", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (403, "/staff/second-factor")


def test_no_link_that_redirects_to_the_setup_is_shown(client, desk, clock):
    staff_sign_in(client)
    page = client.get("/staff/second-factor").text
    assert "Main menu" not in page
    for address in set(re.findall(r'<a[^>]* href="(/[^"]*)"', page)) - {"/lang/hi?next=/staff/second-factor"}:
        answer = client.get(address)
        assert not answer.location or "second-factor" not in answer.location, address
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page)[1]
    client.submit("/staff/second-factor", {"code": pyotp.TOTP(secret).at(clock.now())}, page="/staff/second-factor")
    assert "Main menu" in client.get("/desk").text


def test_the_setup_shows_recovery_codes_once_and_unlocks_the_other_pages(client, desk, clock):
    staff_sign_in(client)
    page = client.get("/staff/second-factor").text
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page)[1]
    wrong = client.submit("/staff/second-factor", {"code": "000000"}, page="/staff/second-factor")
    assert (wrong.status_code, secret in wrong.text) == (422, True)
    right = client.submit(
        "/staff/second-factor", {"code": pyotp.TOTP(secret).at(clock.now())}, page="/staff/second-factor"
    )
    codes = [code.replace(" ", "") for code in re.findall(r"<code>([A-Z2-9 ]{19})</code>", right.text)]
    assert (right.status_code, len(set(codes))) == (200, second_factor.CODES)
    assert client.get("/desk").status_code == 200
    assert codes[0] not in client.get("/staff/second-factor", follow_redirects=True).text


def test_a_new_factor_ends_every_other_sign_in(app, client, desk, clock):
    other = app.test_client()
    assert [staff_sign_in(one).status_code for one in (other, client)] == [303, 303]
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", client.get("/staff/second-factor").text)[1]
    client.submit("/staff/second-factor", {"code": pyotp.TOTP(secret).at(clock.now())}, page="/staff/second-factor")
    assert [one.get("/desk").status_code for one in (other, client)] == [303, 200]
    assert SignIn.select().where(SignIn.ended_at.is_null()).count() == 1


def test_a_recovery_code_works_once(client, desk, clock):
    signed_in = SignIn.select().where(SignIn.staff == desk)
    staff_sign_in(client)
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", client.get("/staff/second-factor").text)[1]
    answer = client.submit(
        "/staff/second-factor", {"code": pyotp.TOTP(secret).at(clock.now())}, page="/staff/second-factor"
    )
    code = re.search(r"<code>([A-Z2-9 ]{19})</code>", answer.text)[1]
    client.submit("/logout", page="/desk")
    assert staff_sign_in(client, code=code.lower()).status_code == 303
    assert client.get("/desk").status_code == 200
    client.submit("/logout", page="/desk")
    assert staff_sign_in(client, code=code).status_code == 422
    assert signed_in.where(SignIn.ended_at.is_null()).count() == 0


def test_without_a_factor_there_are_no_recovery_codes(sign_in, db):
    answer = sign_in(make_staff("desk")).submit("/staff/recovery-codes", page="/staff/second-factor")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/second-factor")
    assert RecoveryCode.select().count() == 0


def test_only_another_administrator_can_reset_the_factor(sign_in, app, db):
    admin, other = make_staff("admin"), make_staff("doctor", totp_secret=credentials.seal("A" * 32))
    browser = sign_in(admin)
    address = f"/admin/staff/{other.uid}/second-factor"
    assert browser.submit(address, page="/admin/staff").status_code == 303
    assert Staff.get_by_id(other.id).totp_secret == ""
    with pytest.raises(Conflict):
        second_factor.reset(admin, by=Actor("staff", admin.uid), now=admin.created_at)


def test_the_console_resets_the_last_administrator(app, db, now):
    admin = make_staff("admin", totp_secret=credentials.seal("A" * 32))
    second_factor.reset(admin, by=SYSTEM, now=now)
    assert Staff.get_by_id(admin.id).totp_secret == ""


def test_the_otpauth_uri_names_the_person(app):
    assert "desk.one" in credentials.address_of(credentials.new_secret(), "desk.one", "CGHS")
