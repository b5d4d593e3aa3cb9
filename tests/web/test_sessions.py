"""The session cookie: who finds it reads nothing in it."""

import base64
import json
import zlib

import pytest
from itsdangerous import BadSignature

from portal.base import keys
from portal.base.errors import Unavailable
from portal.core.accounts import credentials
from portal.core.accounts.models import SignIn
from portal.web.forms import kept
from portal.web.sessions import Seal
from tests.factories import make_staff
from tests.fakes import Operator, install_plugin


def layers(cookie: str) -> str:
    """Everything that can be read in a cookie without a key."""
    read = cookie
    for part in cookie.split("."):
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        read += raw.decode("latin-1")
        try:
            read += zlib.decompress(raw).decode("latin-1")
        except zlib.error:
            continue
    return read


SECRETS = {
    "sheet": {"number": "RX-1", "code": "ABCD-EFGH-JKLM"},
    "launch": "https://esanjeevani.example/launch?token=abc",
    "otp": {"mobile": "+919876543210", "next": "/visits/abc"},
}


def test_nothing_of_a_session_can_be_read_in_its_cookie():
    keys.install("a key that is at least as long as it has to be")
    cookie = Seal().dumps(SECRETS)
    read = layers(cookie)
    for told in ("ABCD-EFGH", "esanjeevani", "98765", "mobile", "sheet"):
        assert told not in read
    assert Seal().loads(cookie) == json.loads(json.dumps(SECRETS))


def test_the_mobile_that_waits_for_its_otp_is_not_readable(client, sms):
    client.submit("/login", {"mobile": "9876543210"})
    assert "98765" not in layers(client.get_cookie("portal").value)


def test_the_key_of_a_sign_in_is_not_readable(sign_in):
    browser = sign_in(make_staff("desk"))
    assert "_user_id" not in layers(browser.get_cookie("portal").value)


@pytest.mark.parametrize("change", [lambda text: text[:-1], lambda text: text[:20] + "A" + text[21:], lambda text: "é"])
def test_a_cookie_that_was_changed_is_nobodys(change):
    keys.install("a key that is at least as long as it has to be")
    with pytest.raises(BadSignature):
        Seal().loads(change(Seal().dumps({"_user_id": "x"})))


def test_a_cookie_of_an_older_key_is_still_good_until_the_key_is_taken_away():
    keys.install("the older key of all which is long enough")
    cookie = Seal().dumps({"_user_id": "x"})
    keys.install("the newer key of all which is long enough, the older key of all which is long enough")
    assert Seal().loads(cookie) == {"_user_id": "x"}
    keys.install("the newer key of all which is long enough")
    with pytest.raises(BadSignature):
        Seal().loads(cookie)


@pytest.fixture
def sms(app):
    """A sender is on."""
    install_plugin(app, "operator", send_message=Operator().send_message)


def test_who_is_told_to_try_again_may_send_the_same_form(client, monkeypatch):
    """The database went away after the sign-in was written, before the answer: the form's token must still fit."""

    def away(*_: object, **__: object) -> bool:
        raise Unavailable

    make_staff("desk", username="desk.09", password_hash=credentials.hash_password("correct horse"))
    form = {"username": "desk.09", "password": "correct horse"}
    form["csrf_token"] = client.hidden_fields("/staff/login")["csrf_token"]
    monkeypatch.setattr(kept, "has_any", away)
    answer = client.post("/staff/login", data=form)
    assert (answer.status_code, answer.headers.get("Set-Cookie")) == (503, None)
    monkeypatch.undo()
    assert client.post("/staff/login", data=form).location == "/desk"
    assert client.get("/desk").status_code == 200
    assert SignIn.select().count() == 2


def test_what_is_remembered_in_the_same_session_outlives_a_5xx(client):
    """Without a sender the door of patients is a 503, and it is a page like any other."""
    answer = client.get("/login")
    assert (answer.status_code, answer.headers["Set-Cookie"].startswith("portal=")) == (503, True)
