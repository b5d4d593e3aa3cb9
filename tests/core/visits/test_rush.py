"""The rush at nine (safety.md F44): a token request and its pages cost few statements, all prepared."""

import peewee
import pytest

from portal.core.beneficiaries.models import Beneficiary, Consent
from portal.core.clinic.models import ClinicSession
from portal.core.visits.models import Transition, Visit
from portal.store.db import database, is_sqlite
from portal.web.forms.idempotency import SpentKey
from portal.work.audit import AuditRow
from portal.work.audit_published import head
from portal.work.events import Event
from tests.factories import make_beneficiary, make_referral, make_staff
from tests.statements import statements as statements


@pytest.fixture
def made(monkeypatch):
    """The queries that peewee compiles from now on."""
    queries: list[peewee.Query] = []
    real = database.obj.execute

    def spy(query, *args, **kwargs):
        queries.append(query)
        return real(query, *args, **kwargs)

    monkeypatch.setattr(database.obj, "execute", spy)
    return queries


def referred() -> Beneficiary:
    person = make_beneficiary()
    make_referral(person.entry)
    return person


def wish_of(person: Beneficiary) -> dict[str, str]:
    return {"beneficiary": person.uid, "specialty": "medicine", "complaint": "Fever for two days", "consent": "yes"}


@pytest.fixture
def warm(db, sign_in):
    """The first token request and its pages are done, so that every cache is warm."""
    make_staff("doctor")
    person = referred()
    browser = sign_in(person)
    address = browser.submit("/tokens/new", wish_of(person)).location
    for page in ("/home", address):
        browser.get(page)


def test_a_token_request_costs_few_statements_all_prepared(warm, sign_in, statements, made):
    person = referred()
    browser = sign_in(person)
    form = browser.hidden_fields("/tokens/new") | wish_of(person)
    statements.clear()
    made.clear()
    answer = browser.post("/tokens/new", data=form)
    sent, queries = list(statements), list(made)
    assert answer.location == f"/visits/{Visit.get(Visit.number == 2).uid}"
    most = 27 if is_sqlite() else 28  # PostgreSQL also locks the idempotency key
    assert len([sql for sql in sent if "SAVEPOINT" not in sql]) <= most, sent
    assert len([sql for sql in sent if sql.startswith("SAVEPOINT")]) <= 3
    assert queries == []


@pytest.mark.parametrize(("page", "limit"), [("/home", 14), ("/tokens/new", 20), ("visit", 22)])
def test_the_pages_around_it_cost_few_prepared_statements(warm, sign_in, statements, made, page, limit):
    visit = Visit.get()
    browser = sign_in(visit.beneficiary)
    address = page if page != "visit" else f"/visits/{visit.uid}"
    statements.clear()
    made.clear()
    assert browser.get(address).status_code == 200
    assert (made, len(statements) <= limit) == ([], True), statements


def test_a_token_request_rolls_back_as_a_whole(warm, sign_in, monkeypatch):
    tables = (Visit, Transition, Event, AuditRow, Consent, SpentKey)
    person = referred()
    browser = sign_in(person)
    form = browser.hidden_fields("/tokens/new") | wish_of(person)
    before = [table.select().count() for table in tables]
    real = database.obj.execute_sql

    def full(sql, *args, **kwargs):
        if sql.startswith("INSERT") and "spent_key" in sql:
            raise peewee.OperationalError("database or disk is full")
        return real(sql, *args, **kwargs)

    with monkeypatch.context() as broken:
        broken.setattr(database.obj, "execute_sql", full)
        assert browser.post("/tokens/new", data=form).status_code == 503
    assert [table.select().count() for table in tables] == before
    assert (ClinicSession.get().last_number, head().rows) == (1, AuditRow.select().count())
    assert browser.post("/tokens/new", data=form).status_code == 303
    assert Visit.get(Visit.beneficiary == person).number == 2
