"""`make bench-growth`: every page with few past visits and with many; one that gets slower by more than 1.3 is named.

One treated patient, with all that two visits leave, is copied FEW times and then VISITS times (default 20,000) into the
DAYS before, many rows a statement; each time every page of every role is opened in this process, and those of another
patient, who is not copied. DATABASE=postgresql: on that.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import peewee
from flask import Flask
from flask.testing import FlaskClient

from portal import schema, tasks
from portal.app import create_app
from portal.base import clock, language
from portal.config import load
from portal.core.accounts import sign_ins
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.core.clinic.models import ClinicSession
from portal.core.messages.models import Message
from portal.core.prescriptions.models import Prescription
from portal.core.referrals.models import Referral, ReferralRequest
from portal.core.rights.models import Case
from portal.core.visits.models import Visit
from portal.store import migrator
from portal.store.db import close_database, database, is_sqlite
from portal.store.postgres import Postgres
from portal.store.wait_budget import waits
from portal.work import jobs
from portal.work.events import Event
from tests.client import Browser
from tests.conftest import Jobs
from tests.consulting import list_usual_medicines
from tests.lived import Lived, live_through, rules_of
from tests.plans import GROWING, recorded
from tests.plugin_tables import migrate_plugins
from tests.postgres import running_postgres

Rows = dict[type[peewee.Model], list[dict[str, Any]]]
Places = dict[str, dict[int, int]]  # by table and id: the row's place among those copied

VISITS = int(os.environ.get("VISITS", "20000"))
FEW = DAYS = 1000  # with fewer, lists are not a page long
TIMES, AT_ONCE, FIRST = 7, 1000, 1_000_000
MOST, AGO, REFUSED = 1.3, timedelta(days=3), 400
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
    tasks.registry().sync()
    waiting = Jobs(app)
    jobs.connect(waiting.add)
    list_usual_medicines()
    copied, pages = _lives(app, waiting)
    _fill(copied, range(FEW), folder)
    before = {address: _milliseconds(browser, address) for address, browser in pages}
    _fill(copied, range(FEW, VISITS), folder)
    after = {address: _milliseconds(browser, address) for address, browser in pages}
    slow = []
    for address in sorted(before, key=lambda one: before[one] / after[one]):
        ratio = after[address] / before[address]
        mark = "  <" if ratio > MOST else ""
        print(f"{address:60} {before[address]:8.1f} ms {after[address]:8.1f} ms {ratio:6.2f}{mark}")  # noqa: T201
        slow += [address] if mark else []
    print(f"{len(before)} pages, {len(slow)} of them above {MOST}")  # noqa: T201
    for address, browser in pages:
        if address in slow:
            print("\n".join([address, *_dearest(browser, address)]))  # noqa: T201
    return slow


def _dearest(browser: FlaskClient, address: str) -> list[str]:
    """Return the three slowest statements of a page, so that one knows where to look."""
    with recorded() as statements:
        browser.get(address.partition(" ")[2])
    timed = []
    for sql, params in [one for one in statements if one[0].startswith(("SELECT", "WITH"))]:
        began = perf_counter()
        database.execute_sql(sql, params).fetchall()
        timed.append((perf_counter() - began, sql, params))
    return [
        f"  {1000 * seconds:.1f} ms {sql} {params}"
        for seconds, sql, params in sorted(timed, key=lambda one: -one[0])[:3]
    ]


def _lives(app: Flask, waiting: Jobs) -> tuple[Rows, list[tuple[str, FlaskClient]]]:
    """Return the rows to be copied, and each address with the browser of a person who opens it."""
    past = live_through(clock.now(), waiting.drain)
    _settle(clock.now())
    tables: list[Any] = [table for table in schema.TABLES if _name(table) in GROWING - NOT_COPIED]
    copied = {table: list(table.select().order_by(table.id).dicts()) for table in tables}
    lived = live_through(clock.now(), waiting.drain, past.people["doctor"])
    return copied, list(_pages(app, lived))


def _pages(app: Flask, lived: Lived) -> Iterator[tuple[str, FlaskClient]]:
    for role, person in lived.people.items():
        browser = _browser(app, person)
        for rule in rules_of(role):
            address = lived.address(rule)
            if browser.get(address, buffered=True).status_code < REFUSED:
                yield f"{role} {address}", browser


def _megabytes(folder: Path) -> int:
    if is_sqlite():
        return sum(file.stat().st_size for file in folder.glob("portal.db*")) >> 20
    ((size,),) = database.execute_sql("SELECT pg_database_size(current_database())").fetchall()
    return int(size) >> 20


def _settle(now: datetime) -> None:
    """Let the visits be past ones: completed, heard, stored, told, what was asked answered."""
    Event.update(next_at=None, delivered_at=now, at=now - AGO).execute()
    Message.update(state="delivered", delivered_at=now, created_at=now - AGO, expires_at=now - AGO).execute()
    Prescription.update(stored_at=now, issued_at=now - AGO).execute()
    Visit.update(state="completed", live_key=None).execute()
    Case.update(state="answered", answered_at=now).execute()
    ReferralRequest.update(state="declined", answered_at=now).execute()
    Referral.update(answer_noted_at=now).execute()
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
    """CPU, not seconds: of this process, and of PostgreSQL's that serves it. Others on the machine hardly disturb."""
    spent = []
    for _ in range(TIMES):
        began = _cpu()
        browser.get(address.partition(" ")[2])
        spent.append((_cpu() - began) * 1000)
    return median(spent)


def _cpu() -> float:
    return process_time() + sum(_cpu_of(pid) for pid in _backends())


def _backends() -> list[int]:
    """PostgreSQL's processes for this database; SQLite works in this process."""
    if is_sqlite():
        return []
    rows = database.execute_sql("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
    return [pid for (pid,) in rows.fetchall()]


def _cpu_of(pid: int) -> float:
    nanoseconds = Path(f"/proc/{pid}/schedstat").read_text().split()[0]
    return int(nanoseconds) / 1e9


def _fill(copied: Rows, numbers: range, folder: Path) -> None:
    """Copy every row so many times, a copy's days before the last; references between them go along."""
    began = perf_counter()
    places = {_name(table): {row["id"]: place for place, row in enumerate(rows)} for table, rows in copied.items()}
    database.execute_sql("PRAGMA foreign_keys = off" if is_sqlite() else "SET session_replication_role = replica")
    waits.left = None  # the last page's is nearly spent
    with _unhurried():
        rows = sum(_copy(table, rows, numbers, places) for table, rows in copied.items())
        if not is_sqlite():  # it does so by itself
            database.execute_sql("ANALYZE")
    print(f"{rows:,} rows to {numbers.stop:,} copies, {perf_counter() - began:.0f} s, {_megabytes(folder)} MB")  # noqa: T201


def _unhurried() -> AbstractContextManager[None]:
    return database.obj.unhurried() if isinstance(database.obj, Postgres) else nullcontext()


def _copy(table: type[peewee.Model], rows: list[dict[str, Any]], numbers: range, places: Places) -> int:
    days = range(numbers.start, min(numbers.stop, DAYS)) if table is ClinicSession else numbers
    copies = (_copied(table, row, number, places) for number in days for row in rows)
    while part := list(islice(copies, AT_ONCE)):
        table.insert_many(part).execute()
    return len(days) * len(rows)


def _copied(table: Any, row: dict[str, Any], number: int, places: Places) -> dict[str, Any]:
    indexes = [index for index in table._meta.indexes if isinstance(index, tuple)]  # noqa: SLF001
    unique = {column for columns, is_unique in indexes if is_unique for column in columns}
    made = dict(row)
    made["id"] = _id_of(_name(table), row["id"], number, places)
    for name, field in table._meta.fields.items():  # noqa: SLF001
        value = row[name]
        if isinstance(field, peewee.ForeignKeyField):
            made[name] = _id_of(_name(field.rel_model), value, number, places)
        elif isinstance(value, date):
            made[name] = value - timedelta(days=1 + number % DAYS)
        elif name != "id" and value is not None and (field.unique or name in unique):
            is_text = isinstance(value, str)
            made[name] = (f"{made['id']:x}" + value)[: field.max_length or 22] if is_text else made["id"]
    return made


def _id_of(table: str, row_id: int | None, number: int, places: Places) -> int | None:
    """Of a copied row, the copy's; of others the row's own. A day has one session."""
    known = places.get(table, {})
    turn = number % DAYS if table == _name(ClinicSession) else number
    return FIRST + turn * len(known) + known[row_id] if row_id in known else row_id


def _name(table: type[peewee.Model]) -> str:
    return str(table._meta.table_name)  # type: ignore[attr-defined]  # noqa: SLF001


if __name__ == "__main__":
    main()
