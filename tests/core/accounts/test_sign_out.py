"""The session cookie before, during and after a sign-in."""

from urllib.parse import urlencode

import pytest

from portal.core.accounts import sign_ins
from portal.core.accounts.models import SignIn
from portal.work.audit import AuditRow
from tests.factories import make_beneficiary, make_staff, make_visit

OWN = ["/visits/abc", "/home?x=1", "/tokens/new"]
FOREIGN = [
    "//evil.example",
    "https://evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "/x\r\nSet-Cookie: a=b",
    "evil.example",
    "/" + "a" * 800,
    "/\x00/evil.example",
    "",
]


def with_cookie(app, value: str):
    browser = app.test_client()
    browser.set_cookie("portal", value)
    return browser


def test_signing_in_replaces_the_session_cookie(app, client, ask, enter):
    code = ask(client)
    before = client.get_cookie("portal").value
    enter(client, code)
    assert client.get_cookie("portal").value != before
    assert with_cookie(app, before).get("/home").headers["Location"] == "/login?next=/home"


def test_signing_out_invalidates_a_saved_cookie(app, client, ask, enter):
    enter(client, ask(client))
    saved = client.get_cookie("portal").value
    assert with_cookie(app, saved).get("/register").status_code == 200
    answer = client.submit("/logout", page="/register")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert with_cookie(app, saved).get("/register").headers["Location"] == "/login?next=/register"
    assert AuditRow.select().where(AuditRow.action == "SignedOut").count() == 1


def test_signing_out_needs_no_sign_in(client):
    assert client.submit("/logout", page="/help").status_code == 303


def test_an_htmx_request_is_redirected_by_header(client):
    answer = client.get("/home", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")


@pytest.mark.parametrize("target", OWN)
def test_signing_in_redirects_to_the_page_that_was_wanted(client, operator, queue, enter, target):
    assert client.hidden_fields("/login?" + urlencode({"next": target}))["next"] == target
    client.submit("/login", {"mobile": "9876543210", "next": target})
    queue.drain()
    assert enter(client, operator.ledger[0].text[:6]).headers["Location"] == target


@pytest.mark.parametrize("target", FOREIGN)
def test_signing_in_never_redirects_to_another_site(client, operator, queue, enter, target):
    client.submit("/login", {"mobile": "9876543210", "next": target})
    queue.drain()
    assert enter(client, operator.ledger[0].text[:6]).headers["Location"] == "/home"


@pytest.mark.parametrize(("kind", "idle", "absolute"), [("beneficiary", 30, 12), ("staff", 15, 10)])
def test_a_sign_in_ends_at_its_idle_and_absolute_timeouts(sign_in, clock, kind, idle, absolute):
    person, path = (make_beneficiary(), "/home") if kind == "beneficiary" else (make_staff("desk"), "/desk")
    browser = sign_in(person)
    clock.tick(idle * 60 - 1)
    assert browser.get(path).status_code == 200
    for _ in range(absolute * 60 // 10 - 3):
        clock.tick(600)
        assert browser.get(path).status_code == 200
    clock.tick(1800)
    assert browser.get(path).status_code == 303


def test_polls_do_not_touch_the_sign_in(sign_in, clock):
    browser = sign_in(make_staff("desk"))
    for _ in range(4):
        clock.tick(300)
        answer = browser.get("/desk", headers={"X-Background": "1"})
    assert answer.status_code == 303


def test_the_idle_timeout_does_not_sign_out_a_waiting_patient(sign_in, clock):
    person = make_beneficiary()
    visit = make_visit("waiting", beneficiary=person)
    browser = sign_in(person)
    clock.tick(3 * 3600)
    assert browser.get(f"/visits/{visit.uid}").status_code == 200


def test_the_key_itself_is_not_in_the_database(db, now):
    signed_in = sign_ins.start(staff=make_staff("desk"), now=now)
    assert signed_in.key not in str(SignIn.select().dicts().get())
    assert sign_ins.find(signed_in.key, now=now).role == "desk"
