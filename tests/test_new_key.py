"""The key is changed as docs/operations.md says: nobody is signed out, forgotten or refused meanwhile (F47)."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from portal_plugins.esanjeevani_bridge import handovers, sanjeevani
from portal_plugins.sms_gateway import addresses
from portal_plugins.video_jitsi import tokens
from portal_plugins.video_webrtc import tickets

from portal.app import create_app
from portal.base import keys
from portal.contracts import Participant
from portal.core.accounts import browser_views, otp
from portal.core.accounts.models import OtpChallenge
from portal.plugin_host.switches import switch
from portal.rekey import seal_anew
from portal.store.db import write
from portal.work.audit import SYSTEM, Actor
from tests.factories import make_staff

MOBILE = "+919810000001"
PERSON = Participant("p" * 22, "patient", "Asha", "en")
NEW = "a new key that is long enough too " * 2


@pytest.fixture
def first_key(app, db, config):
    """The key until now. At the end the process has its own key again."""
    yield config.secret_key
    keys.install(config.secret_key)


def test_a_report_of_a_text_that_went_out_before_is_heard(client, first_key, now):
    switch("sms_gateway", True, by=SYSTEM, now=now)
    standing = urlsplit(addresses.standing("http")).path
    own = urlsplit(addresses.callback("kannel", "u" * 22, 1)).path
    keys.install(f"{NEW},{first_key}")
    assert client.post(standing, data={}).status_code == 200
    assert client.get(f"{own}?type=1").status_code == 200
    assert urlsplit(addresses.standing("http")).path != standing


def test_a_device_is_known_and_its_cookie_made_anew(first_key):
    cookie = browser_views.remember(MOBILE, "")
    name = browser_views.known_device(MOBILE, cookie)
    keys.install(f"{NEW},{first_key}")
    assert browser_views.known_device(MOBILE, cookie) == name != ""
    cookie = browser_views.remember(MOBILE, cookie)
    keys.install(NEW)
    assert browser_views.known_device(MOBILE, cookie) == name


def test_an_otp_that_is_on_its_way_is_right(first_key, now):
    uid = otp.ask(MOBILE, "198.51.100.7", language="en", now=now)
    code = otp.code_of(OtpChallenge.get())
    keys.install(f"{NEW},{first_key}")
    with write():
        proven = otp.check(uid, code, "198.51.100.7", now=now).proven
    assert proven is not None
    assert proven.mobile == MOBILE


def test_who_has_a_way_into_a_call_gets_in(first_key, now):
    jitsi, ours = tokens.issue("room", PERSON, now=now)[0], tickets.issue("room", PERSON, now=now)[0]
    seat, link = tickets.seat_token("s" * 22), tickets.invitation_link("i" * 22)
    keys.install(f"{NEW},{first_key}")
    later = now + timedelta(seconds=30)
    assert tokens.read(jitsi, now=later).participant == tickets.read(ours, now=later).participant == PERSON.uid
    assert (tickets.seat_of(seat), tickets.invitation_of(link)) == ("s" * 22, "i" * 22)


def test_a_sign_in_at_e_sanjeevani_outlives_the_old_key(first_key, now):
    doctor = make_staff("doctor")
    login = sanjeevani.Login("dr.asha", sanjeevani.sha512("a password"))
    handovers.keep_login(doctor, "dr.asha", "a password", by=Actor("staff", doctor.uid), now=now)
    keys.install(f"{NEW},{first_key}")
    assert handovers.login_of(doctor) == login
    seal_anew(by=SYSTEM, now=now)
    keys.install(NEW)
    assert handovers.login_of(doctor) == login


def test_a_form_that_is_open_can_be_sent(client, config, first_key):
    token = client.hidden_fields("/login")["csrf_token"]
    cookie = client.get_cookie("portal").value
    later = create_app(replace(config, secret_key=f"{NEW},{first_key}"))
    browser = later.test_client()
    browser.set_cookie("portal", cookie)
    answer = browser.post("/login", data={"csrf_token": token, "mobile": "1"})
    assert answer.status_code == 503  # nobody can send an OTP here; a token that is refused is 400
