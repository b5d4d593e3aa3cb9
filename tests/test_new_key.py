"""Key rotation as in docs/operations.md: sign-ins, devices, webhooks and links stay valid meanwhile (F47)."""

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
from portal.rekey import re_encrypt
from portal.store.db import write
from portal.work.audit import SYSTEM, Actor
from tests.factories import make_staff

MOBILE = "+919810000001"
PERSON = Participant("p" * 22, "patient", "Asha", "en")
NEW = "a new key that is long enough too " * 2


@pytest.fixture
def first_key(app, db, config):
    """Install the old key; restore the process's key at the end."""
    yield config.secret_key
    keys.install(config.secret_key)


def test_delivery_report_webhooks_of_the_old_key_are_accepted(client, first_key, now):
    switch("sms_gateway", True, by=SYSTEM, now=now)
    shared = urlsplit(addresses.shared_callback("http")).path
    own = urlsplit(addresses.callback("kannel", "u" * 22, 1)).path
    keys.install(f"{NEW},{first_key}")
    assert client.post(shared, data={}).status_code == 200
    assert client.get(f"{own}?type=1").status_code == 200
    assert urlsplit(addresses.shared_callback("http")).path != shared


def test_a_device_cookie_of_the_old_key_is_accepted_and_renewed(first_key):
    cookie = browser_views.remember(MOBILE, "")
    name = browser_views.known_device(MOBILE, cookie)
    keys.install(f"{NEW},{first_key}")
    assert browser_views.known_device(MOBILE, cookie) == name != ""
    cookie = browser_views.remember(MOBILE, cookie)
    keys.install(NEW)
    assert browser_views.known_device(MOBILE, cookie) == name


def test_a_pending_otp_of_the_old_key_is_valid(first_key, now):
    uid = otp.ask(MOBILE, "198.51.100.7", language="en", now=now)
    code = otp.code_of(OtpChallenge.get())
    keys.install(f"{NEW},{first_key}")
    with write():
        proven = otp.check(uid, code, "198.51.100.7", now=now).proven
    assert proven is not None
    assert proven.mobile == MOBILE


def test_join_links_of_the_old_key_are_valid(first_key, now):
    jitsi, ours = tokens.issue("room", PERSON, now=now)[0], tickets.issue("room", PERSON, now=now)[0]
    seat, link = tickets.seat_token("s" * 22), tickets.invitation_link("i" * 22)
    keys.install(f"{NEW},{first_key}")
    later = now + timedelta(seconds=30)
    assert tokens.read(jitsi, now=later).participant == tickets.read(ours, now=later).participant == PERSON.uid
    assert (tickets.seat_of(seat), tickets.invitation_of(link)) == ("s" * 22, "i" * 22)


def test_e_sanjeevani_sign_ins_survive_the_removal_of_the_old_key(first_key, now):
    doctor = make_staff("doctor")
    login = sanjeevani.Login("dr.asha", sanjeevani.sha512("a password"))
    handovers.keep_login(doctor, "dr.asha", "a password", by=Actor("staff", doctor.uid), now=now)
    keys.install(f"{NEW},{first_key}")
    assert handovers.login_of(doctor) == login
    re_encrypt(by=SYSTEM, now=now)
    keys.install(NEW)
    assert handovers.login_of(doctor) == login


def test_csrf_tokens_of_the_old_key_are_valid(client, config, first_key):
    token = client.hidden_fields("/login")["csrf_token"]
    cookie = client.get_cookie("portal").value
    later = create_app(replace(config, secret_key=f"{NEW},{first_key}"))
    browser = later.test_client()
    browser.set_cookie("portal", cookie)
    answer = browser.post("/login", data={"csrf_token": token, "mobile": "1"})
    assert answer.status_code == 503  # no SMS sender here; a refused CSRF token would be 400
