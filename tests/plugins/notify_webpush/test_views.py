"""The switch takes a browser's address, and only of push services we know; the worker's answer needs no sign-in."""

import json

import pytest
from portal_plugins.notify_webpush import notices
from portal_plugins.notify_webpush.models import Push, Subscription

from portal.contracts import Message
from portal.plugin_host.switches import switch
from portal.work.audit import SYSTEM
from tests.factories import make_beneficiary, make_visit
from tests.noted import actor_of, noted
from tests.plugins.notify_webpush.phone import Phone

HERE = "/x/notify_webpush"


@pytest.fixture
def visit(service):
    return make_visit("waiting")


@pytest.fixture
def family(visit, sign_in):
    return sign_in(visit.beneficiary)


def give(browser, visit, text: str):
    """Post what switch.js posts."""
    token = browser.hidden_fields(f"/visits/{visit.uid}")["csrf_token"]
    headers = {"X-CSRFToken": token, "Accept": "application/json"}
    return browser.post(f"{HERE}/on/{visit.uid}", data=text, content_type="application/json", headers=headers)


def test_the_waiting_page_offers_the_switch_and_htmx_goes_there(family, visit):
    assert f"{HERE}/on/{visit.uid}" in family.get(f"/visits/{visit.uid}").text
    answer = family.get(f"{HERE}/on/{visit.uid}", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == f"{HERE}/on/{visit.uid}"


def test_switching_on_and_off_is_on_record(family, visit, phone):
    account = visit.beneficiary.account
    rows = noted(lambda: give(family, visit, phone.text))
    assert rows == [("NoticesSwitchedOn", actor_of(account), account.uid)]
    assert Subscription.get().mobile == account.mobile
    page = f"{HERE}/on/{visit.uid}"
    rows = noted(lambda: family.submit(f"{HERE}/off/{visit.uid}", page=page))
    assert rows == [("NoticesSwitchedOff", actor_of(account), account.uid)]
    assert Subscription.select().count() == 0


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://evil.example.in/push",
        "https://fcm.googleapis.com.evil.example.in/x",
        "http://fcm.googleapis.com/x",
        "https://user@fcm.googleapis.com/x",
        "https://169.254.169.254/latest",
        "file:///etc/passwd",
        "https://[::1/x",
        "https://fcm.googleapis.com/" + "x" * 1000,
    ],
)
def test_an_address_that_is_not_of_a_known_push_service_is_refused(family, visit, phone, endpoint):
    answer = give(family, visit, json.dumps(phone.address | {"endpoint": endpoint}))
    assert (answer.status_code, Subscription.select().count()) == (422, 0)


@pytest.mark.parametrize(
    "keys",
    [{}, {"p256dh": "AAAA", "auth": "AAAA"}, {"p256dh": "!", "auth": "!"}, None, {"p256dh": 1, "auth": 2}],
)
def test_keys_that_no_browser_gives_are_refused(family, visit, phone, keys):
    answer = give(family, visit, json.dumps(phone.address | {"keys": keys}))
    assert (answer.status_code, Subscription.select().count()) == (422, 0)


@pytest.mark.parametrize("text", ["", "x", "[]", "null", '"x"'])
def test_a_body_that_is_no_address_is_refused(family, visit, text):
    assert 400 <= give(family, visit, text).status_code < 500
    assert Subscription.select().count() == 0


def test_another_family_does_not_find_the_switch_of_a_visit(visit, sign_in):
    assert sign_in(make_beneficiary()).get(f"{HERE}/on/{visit.uid}").status_code == 404


def test_the_workers_answer_is_taken_once_and_always_says_the_same(client, phone, service, now):
    account = make_beneficiary(mobile="+919876543210").account
    notices.switch_on(account.uid, account.mobile, phone.text, now=now)
    notices.show(Message("m-1", "+919876543210", "your_turn", "en", "x", now), now=now)
    key = phone.read(service.ledger[0])["key"]
    for body in ({"key": "wrong"}, {"key": key}, {"key": key}, {"key": 1}, {}, []):
        answer = client.post(f"{HERE}/shown", data=json.dumps(body), content_type="application/json")
        assert (answer.status_code, answer.data) == (204, b"")
    assert Push.get().shown_at == now


def test_the_worker_may_stand_in_front_of_the_whole_site(client, service):
    answer = client.get(f"{HERE}/worker.js")
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert answer.headers["Content-Type"].startswith("text/javascript")


def test_the_page_without_internet_says_in_both_languages_that_the_place_is_kept(client, service):
    page = client.get(f"{HERE}/offline").text
    assert "Your place in the queue is kept." in page
    assert "कतार में आपका स्थान सुरक्षित है।" in page


def test_the_privacy_notice_names_the_third_party_while_the_plugin_is_on(client, service, now):
    named = "the service of your browser's maker (Google, Apple, Mozilla or Microsoft)"
    assert named in client.get("/privacy").text
    switch("notify_webpush", False, by=SYSTEM, now=now)
    assert named not in client.get("/privacy").text


def test_a_phone_of_another_service_is_told_why(family, visit):
    answer = give(family, visit, Phone("https://push.example.in").text)
    assert "we do not know its push service" in answer.json["error"]
