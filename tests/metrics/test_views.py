"""`GET /metrics`: who may see it, and that a part which cannot be read hides no other."""

import peewee
import pytest

from portal.app import create_app
from portal.config import ConfigError, load
from portal.core.visits.models import Visit
from portal.metrics import clinic, views
from tests.client import Browser
from tests.factories import make_beneficiary, make_referral, make_session, make_specialty
from tests.metrics.scraped import Scraped, flush_polls, scrape

TOKEN = "a-token_of.32~letters+and/signs=" * 2


@pytest.fixture
def ask(config, clock, queue):
    """ask(variables, **what the client sends): the answer of a portal with these variables."""

    def ask(variables=None, address="127.0.0.1", **headers):
        app = create_app(load(dict(config.environ) | (variables or {})))
        app.testing = True
        app.test_client_class = Browser
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with app.app_context():
            return app.test_client().get("/metrics", headers=named, environ_base={"REMOTE_ADDR": address})

    return ask


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_this_machine_may_see_the_metrics(ask, address):
    answer = ask(address=address)
    assert answer.status_code == 200
    assert "portal_sessions_open 0.0" in answer.text


@pytest.mark.parametrize("address", ["10.0.0.2", "203.0.113.5", "::ffff:10.0.0.2", "2001:db8::1", ""])
def test_to_another_machine_it_is_an_address_like_any_that_does_not_exist(ask, address):
    assert ask(address=address).status_code == 404


@pytest.mark.parametrize("proxies", ["0", "1"])
@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via"])
def test_what_a_proxy_of_this_machine_passes_on_is_not_from_this_machine(ask, proxies, header):
    sent = {header: "127.0.0.1"}
    assert ask({"PORTAL_TRUSTED_PROXIES": proxies}, **sent).status_code == 404


def test_a_token_opens_it_to_another_machine_and_a_wrong_one_does_not(ask):
    setting = {"PORTAL_METRICS_TOKEN": TOKEN}
    assert ask(setting, "10.0.0.2", Authorization=f"Bearer {TOKEN}").status_code == 200
    for wrong in (f"Bearer {TOKEN}x", "Bearer ", TOKEN, "Bearer टोकन".encode().decode("latin-1")):
        assert ask(setting, "10.0.0.2", Authorization=wrong).status_code == 404, wrong


def test_without_a_token_set_none_opens_it(ask):
    for given in ("Bearer ", "Bearer", "Bearer None", ""):
        assert ask(None, "10.0.0.2", Authorization=given).status_code == 404, given


@pytest.mark.parametrize("token", ["short", "x" * 31, "with a space in it, and long enough it is"])
def test_a_token_that_can_be_guessed_or_not_be_sent_stops_the_start(config, token):
    with pytest.raises(ConfigError, match=r"PORTAL_METRICS_TOKEN must have at least 32"):
        create_app(load(dict(config.environ) | {"PORTAL_METRICS_TOKEN": token}))


def test_a_part_that_cannot_be_read_hides_no_other(client, monkeypatch):
    def away(now):
        raise peewee.OperationalError("gone")

    monkeypatch.setitem(views.PARTS, "clinic", away)
    found = scrape(client)
    assert found.value("portal_metrics_failed", part="clinic") == 1
    assert found.value("portal_metrics_failed", part="outbox") == 0
    assert found.value("portal_sessions_open") is None
    assert found.value("portal_events_pending") == 0


def test_a_database_that_is_away_leaves_what_needs_none(client, monkeypatch):
    def away(*query):
        raise peewee.OperationalError("gone")

    monkeypatch.setattr(peewee.Database, "execute_sql", away)
    monkeypatch.setattr(peewee.SqliteDatabase, "execute_sql", away, raising=False)
    monkeypatch.setattr(clinic.ClinicSession._meta.database.obj, "execute_sql", away)
    found = scrape(client)
    assert found.value("portal_metrics_failed", part="clinic") == 1
    assert found.value("portal_disk_free_bytes") > 0
    assert "portal_requests" in found.families


def test_openmetrics_is_spoken_to_who_asks_for_it(client):
    answer = client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.content_type.startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


def test_no_label_names_a_person_or_a_thing_of_one(app, client, sign_in, queue):
    make_specialty()
    make_session()
    person = make_beneficiary(name="Canaryname Kumar", mobile="+919812345678", ben_id="7654321", address="Canary Road")
    make_referral(person.entry)
    browser = sign_in(person)
    form = {"beneficiary": person.uid, "specialty": "medicine", "complaint": "canarycough", "consent": "yes"}
    page = browser.submit("/tokens/new", form).headers["Location"]
    browser.get(page)
    browser.get("/canary/9812345678?secret=canaryquery")
    browser.open("/home", method="CANARY")
    queue.drain()
    flush_polls(app)
    found: Scraped = scrape(client)
    for canary in ("anary", "CANARY", "9812345678", "7654321", person.uid, page.rpartition("/")[2], "MED-"):
        assert canary not in found.text, canary
    assert found.value("portal_visits", specialty="medicine", state="waiting") == Visit.select().count() == 1
    assert ("route", "/visits/<uid>") in found.labels()
