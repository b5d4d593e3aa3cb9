"""Another's id in a field or a query does what an id that is nowhere does: byte for byte, and to every row (S03).

Nothing is listed by hand: pages come from the map of addresses, forms and their values from the pages, names of queries
from the code, ids from every table. A field names an object when what is sent in it is asked for in the database.
"""

import re
import sqlite3
from typing import Any

import peewee
import pytest
from werkzeug.test import TestResponse

from portal.core.accounts.models import Account, Staff
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.visits.models import Visit
from portal.store.db import BaseModel, database
from tests.consulting import make_prescription
from tests.factories import (
    make_beneficiary,
    make_case,
    make_centre,
    make_duty,
    make_hold,
    make_record,
    make_referral,
    make_request,
    make_session,
    make_specialty,
    make_staff,
    make_visit,
)
from tests.sweeps.everything import fill, tables
from tests.sweeps.forms import Form, forms, pages
from tests.sweeps.test_strangers import said
from tests.web.forms.test_kept_forms import world as world
from tests.web.incoming.test_asked import field_names

BESIDES = {"sign_in", "attempt", "hook_count", "kept_form", "audit_row", "audit_shard", "spent_key", "event"}
COLUMN = re.compile(r'"(\w+)" (?:=|IN|LIKE|==)[ (?,]*$')
TABLE_NAME = re.compile(r'(?:FROM|JOIN|UPDATE) "(\w+)"')
Asked = list[tuple[str, list[Any]]]
Ids = dict[tuple[str, str], list[str]]
NOWHERE = ("A" * 22, "9" * 13)
QUERIES = [name for name in field_names() if not name.startswith(("items-", "vitals-", "keep-"))]
RULE = re.compile(r"(?<=/visits)/[^/]+")
# Doctors are known to everybody, and the next doctor is chosen among those on duty.
OF_ALL = {("POST", "/visits/transfer", "to")}
FEWEST = {"beneficiary": 15, "doctor": 10, "author": 10, "medical_officer": 30, "pharmacist": 3, "desk": 20}
CARRIED = {"csrf_token", "idempotency_key", "form_of", "version"}
MOST = 3  # ids of a column that are tried


def is_somebodys(table: type[BaseModel]) -> bool:
    """Does a row belong to people, and not to the clinic as a whole?"""
    people = {Account, Staff, Beneficiary, RegisterEntry}
    seen, todo = set(), [table]
    while todo:
        one = todo.pop()
        seen.add(one)
        todo += [
            field.rel_model
            for field in one._meta.sorted_fields
            if isinstance(field, peewee.ForeignKeyField) and field.rel_model not in seen
        ]
    return bool(seen & people)


def columns() -> dict[tuple[str, str], set[str]]:
    """The values of each column of words and numbers of the tables that are somebody's."""
    found = {}
    for table in filter(is_somebodys, tables()):
        for field in table._meta.sorted_fields:
            if isinstance(field, peewee.CharField | peewee.IntegerField | peewee.AutoField | peewee.ForeignKeyField):
                rows = table.select(field).tuples()
                found[table._meta.table_name, field.column_name] = {str(row[0]) for row in rows if row[0] is not None}
    return found


@pytest.fixture
def others(world) -> Ids:
    """Another family at another centre, with its doctor, and a row of theirs in every table: the ids of their rows."""
    before = columns()
    elsewhere, eye = make_centre("02"), make_specialty("eye")
    person = make_beneficiary(centre=elsewhere, name="Sita Devi")
    doctor = make_staff(specialty=eye, name="Dr Far Away")
    session = make_session(specialty=eye)
    make_duty(doctor, session)
    with_doctor = make_visit("in_call", beneficiary=person, session=session, doctor=doctor)
    for state in ("waiting", "awaiting_recall", "called", "completed"):
        member = make_beneficiary(centre=elsewhere, account=person.account)
        make_visit(state, beneficiary=member, session=session)
    make_record(person)
    make_referral(person.entry, specialty=eye)
    make_request(person, specialty=eye)
    make_case(person, "correction")
    make_hold(person)
    for role in ("medical_officer", "pharmacist", "desk"):
        make_staff(role, centre=elsewhere)
    make_prescription(with_doctor.requested_at, with_doctor)
    theirs = {table: table.select().order_by(table._meta.primary_key.desc()).first() for table in tables()}
    fill(theirs | {Beneficiary: person, Visit: with_doctor, Staff: doctor, RegisterEntry: person.entry})
    return {key: sorted(values - before.get(key, set()))[:MOST] for key, values in columns().items()}


@pytest.fixture
def asked(others, monkeypatch) -> Asked:
    """Every statement from now on, with what is bound."""
    sent: Asked = []
    real = database.obj.execute_sql

    def spy(sql: str, params: Any = None, *args: Any, **kwargs: Any) -> Any:
        sent.append((sql, list(params or ())))
        return real(sql, params, *args, **kwargs)

    monkeypatch.setattr(database.obj, "execute_sql", spy)
    return sent


def looked_for(asked: Asked, value: str) -> set[tuple[str, str]]:
    """Table and column of each condition in which this value was bound."""
    found = set()
    for sql, params in asked:
        parts = sql.split("?")
        for place, bound in enumerate(params):
            before = parts[place] if place < len(parts) else ""
            if str(bound) == value and (column := COLUMN.search("?".join(parts[: place + 1])[-2000:] or before)):
                found |= {(name, column[1]) for name in TABLE_NAME.findall(sql)}
    return found


def everything() -> dict[str, list[str]]:
    """All rows but those that note that somebody came."""
    names = sorted(set(database.get_tables()) - BESIDES)
    rows = {name: database.execute_sql(f'SELECT * FROM "{name}"').fetchall() for name in names}  # noqa: S608
    return {name: sorted(map(str, found)) for name, found in rows.items()}


def nowhere(value: str) -> str:
    """A value of the same look that nothing has."""
    return "A" * 22 if len(value) == 22 else re.sub(r"[0-9]", "9", value)


def changed(value: str, before: dict[str, list[str]]) -> dict[str, set[str]]:
    """The rows that are new or gone, without the value that was sent."""
    after = everything()
    return {
        name: {row.replace(value, "") for row in set(rows) ^ set(before[name])}
        for name, rows in after.items()
        if rows != before[name]
    }


class Swaps:
    """Sends a form with ids in one field, each time to the same rows."""

    def __init__(self, browser: Any, others: Ids, asked: Asked) -> None:
        self.browser, self.others, self.asked = browser, others, asked
        self._token = {"csrf_token": browser.hidden_fields("/help")["csrf_token"]}
        self._kept = sqlite3.connect(":memory:")
        database.obj.connection().backup(self._kept)
        self._before = everything()
        self.tried = 0
        self.told: list[Any] = []

    def send(self, form: Form, values: dict[str, str]) -> TestResponse:
        """Send a form with these values in it, to the rows as they were."""
        self._kept.backup(database.obj.connection())
        self.asked.clear()
        if form.method == "GET":
            return self.browser.get(form.action.partition("?")[0], query_string=form.fields | values, buffered=True)
        return self.browser.post(form.action, data=form.fields | values | self._token, buffered=True)

    def outcome(self, form: Form, name: str, value: str) -> tuple[Any, Any]:
        """What is answered to this value, and what becomes of the rows."""
        return said(self.send(form, {name: value}), value), changed(value, self._before)

    def swap(self, form: Form, values: dict[str, str]) -> None:
        """Try ids of others in each field of these in which an id is looked for."""
        self.send(form, values)
        places = {name: looked_for(self.asked, value) for name, value in values.items()}
        for name, found in places.items():
            self._compare(form, name, {value for place in found for value in self.others.get(place, []) if value})

    def _compare(self, form: Form, name: str, values: set[str]) -> None:
        nothing = {away: self.outcome(form, name, away) for away in set(map(nowhere, values))}
        for value in sorted(values):
            self.tried += 1
            expected, found = nothing[nowhere(value)], self.outcome(form, name, value)
            if found != expected:
                self.told.append((form.method, form.action, name, value, expected[0][0], found[0][0], found[1].keys()))


@pytest.mark.parametrize("role", FEWEST)
def test_anothers_id_in_a_field_or_query_does_what_an_id_that_is_nowhere_does(
    world, others, sign_in, asked, role: str
) -> None:
    swaps = Swaps(sign_in(world["people"][role]), others, asked)
    opened = list(pages(swaps.browser, {"author": "doctor"}.get(role, role), world["names"]))
    for form in forms(opened):
        for name in form.fields.keys() - CARRIED:
            for away in NOWHERE:
                swaps.swap(form, {name: away})
    for address in (address for address, _text in opened if "?" not in address):
        swaps.swap(Form(address, "GET", address), {name: f"{'A' * 18}-{n:03}" for n, name in enumerate(QUERIES)})
        swaps.swap(Form(address, "GET", address), {name: f"{'9' * 10}{n:03}" for n, name in enumerate(QUERIES)})
    assert [told for told in swaps.told if (told[0], RULE.sub("", told[1]), told[2]) not in OF_ALL] == []
    assert swaps.tried >= FEWEST[role]
