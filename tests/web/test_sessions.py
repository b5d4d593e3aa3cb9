"""The session cookie: encrypted, tamper-proof, stable on errors."""

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
    """Everything readable in a cookie without a key."""
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


def test_the_session_cookie_is_encrypted():
    keys.install("a key that is at least as long as it has to be")
    cookie = Seal().dumps(SECRETS)
    read = layers(cookie)
    for told in ("ABCD-EFGH", "esanjeevani", "98765", "mobile", "sheet"):
        assert told not in read
    assert Seal().loads(cookie) == json.loads(json.dumps(SECRETS))


def test_a_pending_mobile_number_is_not_readable_in_the_cookie(client, sms):
    client.submit("/login", {"mobile": "9876543210"})
    assert "98765" not in layers(client.get_cookie("portal").value)


def test_the_sign_in_key_is_not_readable_in_the_cookie(sign_in):
    browser = sign_in(make_staff("desk"))
    assert "_user_id" not in layers(browser.get_cookie("portal").value)


@pytest.mark.parametrize(
    "change",
    [lambda text: text[:-1], lambda text: text[:20] + ("B" if text[20] == "A" else "A") + text[21:], lambda text: "é"],
)
def test_a_tampered_cookie_is_rejected(change):
    keys.install("a key that is at least as long as it has to be")
    with pytest.raises(BadSignature):
        Seal().loads(change(Seal().dumps({"_user_id": "x"})))


def test_a_cookie_of_an_older_key_is_valid_until_the_key_is_removed():
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


def test_a_form_can_be_retried_after_a_503(client, monkeypatch):
    """The database failed after the sign-in was written, before the response: the CSRF token must still match."""

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


def test_changes_to_the_same_session_are_saved_on_a_5xx(client):
    """Without an SMS sender the patients' sign-in page is a 503, and otherwise a normal page."""
    answer = client.get("/login")
    assert (answer.status_code, answer.headers["Set-Cookie"].startswith("portal=")) == (503, True)
