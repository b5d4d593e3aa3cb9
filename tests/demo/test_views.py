"""The demo's phone on the screen."""

import json

import pytest

from portal.app import create_app
from portal.config import load
from portal.plugin_host.switches import switch
from portal.work.audit import SYSTEM


@pytest.fixture
def sms(config):
    """sms(to, text) writes a line as the demo's sender does."""

    def write(to: str, text: str) -> None:
        path = config.data_dir / "outbox" / "sms.jsonl"
        path.parent.mkdir(exist_ok=True)
        line = {"uid": "u", "to": to, "template": "otp", "lang": "en", "text": text, "at": "2026-11-23T04:00:00+00:00"}
        with path.open("a") as file:
            file.write(json.dumps(line) + "\n")

    return write


def test_the_demo_phone_shows_the_messages_of_one_number_newest_first(client, sms):
    for to, text in (("+919876543210", "older"), ("+919876543211", "foreign"), ("+919876543210", "<b>newer</b>")):
        sms(to, text)
    page = client.get("/demo/phone/9876543210").text
    assert page.index("&lt;b&gt;newer") < page.index("older")
    assert "foreign" not in page
    assert "9:30" in page


def test_the_demo_phone_refreshes_with_and_without_javascript(client):
    page = client.get("/demo/phone/+919876543210").text
    assert 'http-equiv="refresh"' in page
    fragment = client.get("/demo/phone/9876543210", headers={"HX-Request": "true"}).text
    assert fragment.lstrip().startswith('<div id="messages"')


@pytest.mark.parametrize("mobile", ["98765", "01123456789", "..%2f..%2fsecret", "x"])
def test_an_invalid_number_is_404(client, mobile):
    assert client.get(f"/demo/phone/{mobile}").status_code == 404


def test_the_sign_in_page_links_to_the_demo_phone(client, now):
    switch("sms_gateway", True, by=SYSTEM, now=now)
    assert 'href="/demo/phone/9000000001"' in client.get("/login").text
    client.submit("/login", {"mobile": "9876543210"})
    assert 'href="/demo/phone/9876543210"' in client.get("/login/otp").text


def test_the_demo_phone_is_404_outside_the_demo(tmp_path, app):
    key = {"PORTAL_SECRET_KEY": "a test key that is long enough to be allowed"}
    real = create_app(load({"PORTAL_DATA_DIR": str(tmp_path / "real"), **key}))
    assert not [rule for rule in real.url_map.iter_rules() if "/demo/" in rule.rule]
