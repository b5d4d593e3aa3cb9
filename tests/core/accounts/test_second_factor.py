"""The second factor of staff: without it nothing opens but the page that sets it up; codes on paper open once."""

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


def come_in(client, **more):
    answer = client.submit("/staff/login", {"username": "desk.one", "password": PASSWORD}, page="/staff/login")
    return client.submit("/staff/login", more, page="/staff/login") if more else answer


def test_without_a_factor_every_page_leads_to_the_one_that_sets_it_up(client, desk):
    assert come_in(client).status_code == 303
    for address in ("/desk", "/announcements"):
        answer = client.get(address)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/second-factor")
    fragment = client.get("/desk", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (403, "/staff/second-factor")


def test_no_link_is_shown_that_leads_back_to_where_it_is_set_up(client, desk, clock):
    come_in(client)
    page = client.get("/staff/second-factor").text
    assert "Main menu" not in page
    for address in set(re.findall(r'<a[^>]* href="(/[^"]*)"', page)) - {"/lang/hi?next=/staff/second-factor"}:
        answer = client.get(address)
        assert not answer.location or "second-factor" not in answer.location, address
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page)[1]
    client.submit("/staff/second-factor", {"code": pyotp.TOTP(secret).at(clock.now())}, page="/staff/second-factor")
    assert "Main menu" in client.get("/desk").text


def test_setting_it_up_shows_codes_once_and_opens_the_rest(client, desk, clock):
    come_in(client)
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


def test_a_code_on_paper_opens_once(client, desk, clock):
    signed_in = SignIn.select().where(SignIn.staff == desk)
    come_in(client)
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", client.get("/staff/second-factor").text)[1]
    answer = client.submit(
        "/staff/second-factor", {"code": pyotp.TOTP(secret).at(clock.now())}, page="/staff/second-factor"
    )
    code = re.search(r"<code>([A-Z2-9 ]{19})</code>", answer.text)[1]
    client.submit("/logout", page="/desk")
    assert come_in(client, code=code.lower()).status_code == 303
    assert client.get("/desk").status_code == 200
    client.submit("/logout", page="/desk")
    assert come_in(client, code=code).status_code == 422
    assert signed_in.where(SignIn.ended_at.is_null()).count() == 0


def test_without_a_factor_there_are_no_codes_on_paper(sign_in, db):
    answer = sign_in(make_staff("desk")).submit("/staff/recovery-codes", page="/staff/second-factor")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/second-factor")
    assert RecoveryCode.select().count() == 0


def test_another_administrator_takes_it_away_and_nobody_does_it_alone(sign_in, app, db):
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


def test_what_the_app_reads_names_the_person(app):
    assert "desk.one" in credentials.address_of(credentials.new_secret(), "desk.one", "CGHS")
