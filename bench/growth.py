"""`make bench-growth`: every page with few past visits and with many; one that gets slower by more than 1.3 is named.

One treated patient, with all that belongs to the visit, is copied VISITS times (default 20,000) into past days, many
rows a statement; every page of every role is opened in this process, before and after. DATABASE=postgresql: on that.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import peewee
from flask import Flask
from flask.testing import FlaskClient

from portal import schema
from portal.app import create_app
from portal.base import clock, language
from portal.config import load
from portal.core.accounts import sign_ins
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.core.clinic.models import ClinicSession
from portal.core.messages.models import Message
from portal.core.prescriptions.models import Prescription
from portal.core.visits.models import Visit
from portal.store import migrator
from portal.store.db import close_database, database, is_sqlite
from portal.work import events, jobs
from portal.work.events import Event
from tests.client import Browser
from tests.consulting import list_usual_medicines, make_prescription
from tests.factories import make_staff
from tests.plans import GROWING
from tests.plugin_tables import migrate_plugins
from tests.postgres import running_postgres
from tests.test_query_plans import ROLES, pages_of

VISITS = int(os.environ.get("VISITS", "20000"))
TIMES, AT_ONCE, FIRST = 5, 1000, 1_000_000
MOST, AGO = 1.3, timedelta(days=3)
NOT_COPIED = {"sign_in", "audit_row", "attempt", "spent_key", "otp_challenge"}


def main() -> None:
    """Measure and print the table; exit code 1 when a page grew by more than MOST."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        environ = {"PORTAL_DATA_DIR": name, "PORTAL_DEMO": "1", "PORTAL_SECRET_KEY": "a key of a benchmark " * 2}
        if os.environ.get("DATABASE") == "postgresql":
            environ["PORTAL_DATABASE_URL"] = stack.enter_context(running_postgres())
        app = create_app(load(environ | {"PORTAL_BIND": "127.0.0.1:8000", "PORTAL_BASE_URL": "http://localhost"}))
        with app.app_context(), language.speaking("en"):
            slow = _compare(app, Path(name))
            close_database()
    sys.exit(1 if slow else 0)


def _compare(app: Flask, folder: Path) -> list[str]:
    migrator.runner().up()
    migrate_plugins()
    jobs.connect(lambda _name, _row: None)
    list_usual_medicines()
    pages = list(_pages(app))
    before = {address: _milliseconds(browser, address) for address, browser in pages}
    began = perf_counter()
    rows = _fill()
    size = sum(file.stat().st_size for file in folder.glob("portal.db*")) >> 20
    print(f"{rows:,} rows of {VISITS:,} past visits in {perf_counter() - began:.0f} s, {size} MB")  # noqa: T201
    after = {address: _milliseconds(browser, address) for address, browser in pages}
    slow = []
    for address in sorted(before, key=lambda one: before[one] / after[one]):
        ratio = after[address] / before[address]
        mark = "  <" if ratio > MOST else ""
        print(f"{address:50} {before[address]:8.1f} ms {after[address]:8.1f} ms {ratio:6.2f}{mark}")  # noqa: T201
        slow += [address] if mark else []
    return slow


def _pages(app: Flask) -> Iterator[tuple[str, FlaskClient]]:
    """Yield each address with the browser of a person who opens it: the doctor is the one of all past visits."""
    now = clock.now()
    visit = make_prescription(now).visit
    _settle(visit, now)
    people: dict[str, Any] = {role: make_staff(role) for role in ROLES if role != "doctor"}
    people |= {"doctor": visit.doctor, "beneficiary": visit.beneficiary}
    for role, person in people.items():
        browser = _browser(app, person)
        yield from ((f"{role} {address}", browser) for address in pages_of(role))
        if role in {"doctor", "beneficiary"}:
            yield f"{role} /visits/{visit.uid}/prescription", browser


def _settle(visit: Visit, now: datetime) -> None:
    """Let the visit be a past one: completed, heard, stored, told."""
    for event in Event.select():
        events.deliver(event.id, now)
    Event.update(next_at=None, delivered_at=now, at=now - AGO).execute()
    Message.update(state="delivered", delivered_at=now, created_at=now - AGO, expires_at=now - AGO).execute()
    Prescription.update(stored_at=now, issued_at=now - AGO).execute()
    Visit.update(state="completed", live_key=None).where(Visit.id == visit.id).execute()
    ClinicSession.update(day=clock.clinic_day(now - AGO)).execute()


def _browser(app: Flask, person: Staff | Beneficiary) -> FlaskClient:
    app.test_client_class = Browser
    who = {"account": person.account, "staff": None} if isinstance(person, Beneficiary) else {"staff": person}
    signed_in = sign_ins.start(**({"account": None} | who), now=clock.now())  # type: ignore[arg-type]
    browser = app.test_client()
    with browser.session_transaction() as session:
        session["_user_id"], session["_fresh"] = signed_in.key, True
    return browser


def _milliseconds(browser: FlaskClient, address: str) -> float:
    watch = process_time if is_sqlite() else perf_counter  # SQLite works in this process: others do not disturb
    spent = []
    for _ in range(TIMES):
        began = watch()
        browser.get(address.partition(" ")[2])
        spent.append((watch() - began) * 1000)
    return median(spent)


def _fill() -> int:
    """Copy every row of the growing tables VISITS times; references between them go along."""
    tables = [table for table in schema.TABLES if _name(table) in GROWING - NOT_COPIED]
    found = {table: list(table.select().order_by(table.id).dicts()) for table in tables}
    places = {_name(table): {row["id"]: place for place, row in enumerate(rows)} for table, rows in found.items()}
    database.execute_sql("PRAGMA foreign_keys = off" if is_sqlite() else "SET session_replication_role = replica")
    return sum(_copy(table, rows, places) for table, rows in found.items())


def _copy(table: type[peewee.Model], rows: list[dict[str, Any]], places: dict[str, dict[int, int]]) -> int:
    copies = (_copied(table, row, number, places) for number in range(VISITS) for row in rows)
    while part := list(islice(copies, AT_ONCE)):
        table.insert_many(part).execute()
    return VISITS * len(rows)


def _copied(table: Any, row: dict[str, Any], number: int, places: dict[str, dict[int, int]]) -> dict[str, Any]:
    indexes = [index for index in table._meta.indexes if isinstance(index, tuple)]  # noqa: SLF001
    unique = {column for columns, is_unique in indexes if is_unique for column in columns}
    made = dict(row)
    own = places[_name(table)]
    made["id"] = FIRST + number * len(own) + own[row["id"]]
    for name, field in table._meta.fields.items():  # noqa: SLF001
        if isinstance(field, peewee.ForeignKeyField):
            known = places.get(_name(field.rel_model), {})
            if row[name] in known:
                made[name] = FIRST + number * len(known) + known[row[name]]
        elif name != "id" and row[name] is not None and (field.unique or name in unique):
            is_text = isinstance(row[name], str)
            made[name] = (f"{made['id']:x}" + row[name])[: field.max_length or 22] if is_text else made["id"]
    return made


def _name(table: type[peewee.Model]) -> str:
    return str(table._meta.table_name)  # type: ignore[attr-defined]  # noqa: SLF001


if __name__ == "__main__":
    main()
