"""The id of a request: in its answer, in every line of its log, on the page of a fault."""

import re
from dataclasses import replace

import peewee
import pytest
from flask import Flask
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from portal.base.errors import NotFound, OutOfService, Unavailable
from portal.store.db import database
from portal.web import errors
from portal.web.access import allow
from portal.web.request_ids import init_request_ids
from portal.work import cause

HEADER = "X-Request-Id"
OWN = re.compile(r"[0-9a-f]{32}")


@pytest.fixture
def ask(config):
    """ask(proxies, id): the id in the answer of an application behind so many proxies."""

    def ask(proxies, given):
        app = Flask("bare")
        init_request_ids(app, replace(config, trusted_proxies=proxies))
        return app.test_client().get("/", headers={HEADER: given}).headers[HEADER]

    return ask


def test_each_request_has_an_id_of_its_own(client):
    answers = [client.get(path) for path in ("/help", "/help", "/nowhere", "/healthz", "/static/portal.css")]
    found = [answer.headers[HEADER] for answer in answers]
    assert all(map(OWN.fullmatch, found))
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    "given", ["8f14e45fceea167a5a36dedd4bea2543", "0b8d6e0e-1d5c-4a53-9d5c-4a530b8d6e0e", "01J9ZZZZ4Q2W8XK3V7N5M1B0CD"]
)
def test_the_id_of_a_trusted_proxy_is_kept_and_of_anybody_else_it_is_not(ask, given):
    assert ask(1, given) == given
    assert OWN.fullmatch(ask(0, given))


@pytest.mark.parametrize(
    "given", ["", "9812345678", "x" * 65, 'a" request_id="forged-0001', "id with blanks in it", "é" * 20]
)
def test_an_id_that_could_be_somebodys_number_or_break_a_line_is_replaced(ask, given):
    assert OWN.fullmatch(ask(1, given))


def test_the_lines_of_a_request_carry_its_id_and_those_after_it_do_not(client):
    with capture_logs(processors=[merge_contextvars]) as lines:
        answers = [client.get("/help"), client.get("/nowhere")]
    assert [line["request_id"] for line in lines] == [answer.headers[HEADER] for answer in answers]
    assert cause.request_id() == ""


def test_a_fault_shows_the_end_of_the_id_by_which_the_log_is_searched(app, client, monkeypatch):
    @allow("anyone")
    def fail():
        raise ZeroDivisionError

    app.register_error_handler(Exception, errors._unexpected)
    monkeypatch.setitem(app.view_functions, "public.help_page", fail)
    with capture_logs(processors=[merge_contextvars]) as lines:
        page, told = client.get("/help"), client.get("/help", headers={"Accept": "application/json"})
    assert page.status_code == told.status_code == 500
    reference = page.headers[HEADER][-8:]
    assert f"Reference for the helpline: {reference}" in page.text
    assert told.json["reference"] == told.headers[HEADER][-8:]
    wrong = [line for line in lines if line["event"] == "unexpected_error"]
    assert wrong[0]["reference"] == reference
    assert wrong[0]["request_id"] == page.headers[HEADER]


def test_a_database_that_is_away_shows_it_too(client, monkeypatch):
    def away(*query):
        raise peewee.OperationalError("gone")

    monkeypatch.setattr(database.obj, "execute_sql", away)
    page, told = client.get("/"), client.get("/", headers={"Accept": "application/json"})
    assert page.status_code == 503
    assert page.text.count(page.headers[HEADER][-8:]) == 2  # in English and in Hindi
    assert told.json["reference"] == told.headers[HEADER][-8:]


@pytest.mark.parametrize(("error", "is_told"), [(NotFound, False), (Unavailable, False), (OutOfService, True)])
def test_only_a_fault_shows_one_and_all_else_is_the_same_for_everybody(app, client, monkeypatch, error, is_told):
    @allow("anyone")
    def fail():
        raise error

    monkeypatch.setitem(app.view_functions, "public.help_page", fail)
    page = client.get("/help")
    assert ("Reference for the helpline" in page.text) is is_told
    assert ("reference" in client.get("/help", headers={"Accept": "application/json"}).json) is is_told
