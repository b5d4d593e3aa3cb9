"""No page reads all of a table that grows: every query of every page has an index, on both engines."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from portal.core.dispensing import services
from portal.core.prescriptions.models import Prescription
from portal.core.visits.models import Visit
from portal.core.visits.states import ACTIVE
from portal.store.db import database, is_sqlite
from tests.consulting import make_prescription
from tests.factories import make_centre, make_staff
from tests.test_access import TABLE

# A row for each event, person or paper; others grow with the staff, the settings and the days that lie ahead.
GROWING = {
    "account",
    "attempt",
    "audit_row",
    "beneficiary",
    "call_room",
    "chart_entry",
    "consent",
    "consult",
    "delivery",
    "dispensed_item",
    "dispensing",
    "event",
    "message",
    "otp_challenge",
    "prescribed_item",
    "prescription",
    "record",
    "referral",
    "register_entry",
    "send_attempt",
    "sign_in",
    "spent_key",
    "transition",
    "visit",
}
ROLES = ("medical_officer", "doctor", "pharmacist", "desk", "admin", "auditor", "rights_officer")
HOLDS_ALL = {"prescription_newest"}  # partial, but with a row of every visit
NOTHING = "(0 = 1)"  # of an empty list: no row is read


@pytest.fixture
def asked(db, monkeypatch) -> list[tuple[str, object]]:
    """The queries from now on, with their parameters."""
    sent: list[tuple[str, object]] = []
    real = database.obj.execute_sql

    def spy(sql, params=None, *args, **kwargs):
        if sql.startswith(("SELECT", "UPDATE", "DELETE", "WITH")) and not sql.startswith("SELECT pg_"):
            sent.append((sql, params))
        return real(sql, params, *args, **kwargs)

    monkeypatch.setattr(database.obj, "execute_sql", spy)
    return sent


def scans(sql: str, params: object) -> set[str]:
    """The growing tables that a query reads from one end to the other."""
    return set(_scans_of_sqlite(sql, params) if is_sqlite() else _scans_of_postgres(sql, params)) & GROWING


def _scans_of_sqlite(sql: str, params: object) -> Iterator[str]:

    tables = {alias: table for table, alias in re.findall(r'"(\w+)" AS "(\w+)"', sql)}
    for row in database.obj.execute_sql(f"EXPLAIN QUERY PLAN {sql}", params).fetchall():
        found = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", row[-1])
        if found and NOTHING not in sql and not _is_short(found[2], sql):
            yield tables.get(found[1], found[1])


def _is_short(index: str | None, sql: str) -> bool:
    """Is it one page in the order of an index or of the ids, or an index of few rows only?"""
    if "LIMIT" in sql and (index or '"id" DESC' in sql):
        return True
    made = database.obj.execute_sql("SELECT sql FROM sqlite_master WHERE name = ?", (index,)).fetchone()
    return bool(made and made[0] and "WHERE" in made[0]) and index not in HOLDS_ALL


def _scans_of_postgres(sql: str, params: object) -> Iterator[str]:
    """With few rows PostgreSQL scans anyway; forbidden to, it still does where no index serves."""
    database.obj.execute_sql("SET enable_seqscan = off")
    plan = database.obj.execute_sql(f"EXPLAIN (FORMAT JSON) {sql}", params).fetchone()[0]
    database.obj.execute_sql("RESET enable_seqscan")
    yield from _sequential(plan if isinstance(plan, list) else json.loads(plan))


def _sequential(plan) -> Iterator[str]:
    for part in plan if isinstance(plan, list) else [plan]:
        if part.get("Node Type") == "Seq Scan":
            yield part["Relation Name"]
        for below in ("Plan", "Plans"):
            if below in part:
                yield from _sequential(part[below])


def pages_of(role: str) -> list[str]:
    """The addresses of a role without ids."""
    return [
        rule
        for route, roles in TABLE.items()
        for method, rule in [route.split(" ", 1)]
        if method == "GET" and role in roles and "<" not in rule
    ]


def found_on(browser, addresses, asked) -> list[str]:
    """Open pages; return what each reads as a whole."""
    found = []
    for address in addresses:
        asked.clear()
        browser.get(address)
        queries, asked[:] = list(asked), []
        for sql, params in queries:
            found += [f"{address} reads all of {table}: {sql[:1500]} {params}" for table in sorted(scans(sql, params))]
    return found


@pytest.mark.parametrize("role", ROLES)
def test_no_page_of_the_staff_reads_all_of_a_table_that_grows(asked, now, sign_in, role):
    make_prescription(now)
    assert found_on(sign_in(make_staff(role)), pages_of(role), asked) == []


def test_no_page_of_a_family_reads_all_of_a_table_that_grows(asked, now, sign_in):
    visit = make_prescription(now).visit
    addresses = [*pages_of("beneficiary"), f"/visits/{visit.uid}", f"/visits/{visit.uid}/prescription"]
    assert found_on(sign_in(visit.beneficiary), addresses, asked) == []


def test_no_page_of_a_visit_reads_all_of_a_table_that_grows(asked, now, sign_in):
    issued = make_prescription(now)
    visit = Visit.get_by_id(issued.visit_id)
    doctor = sign_in(visit.doctor)
    addresses = [f"/visits/{visit.uid}/consult", f"/visits/{visit.uid}/prescription"]
    assert found_on(doctor, addresses, asked) == []


def test_no_sheet_reads_all_of_a_table_that_grows(asked, now, sign_in):
    issued = make_prescription(now)
    pharmacist = sign_in(make_staff("pharmacist"))
    code = issued.content["verification_code"]
    assert found_on(pharmacist, [f"/dispense?code={code}", f"/dispense/{issued.number}"], asked) == []


def test_active_visits_of_a_doctor_are_found_without_the_past_ones(db):
    """By doctor or by state alone, all past visits of one or the other would be read."""
    active = Visit.select().where((Visit.doctor == 1) & Visit.state.in_(ACTIVE))
    named = "visit_doctor_state (doctor_id=? AND state=?)" if is_sqlite() else "visit_doctor_state"
    assert named in plan_of(*active.sql())


def test_todays_prescriptions_are_found_without_the_past_ones(asked, now):
    """By the people of the centre, or by the index of the newest versions, all of the past would be read."""
    _fill_the_past(make_prescription(now), now)
    asked.clear()
    services.todays(make_centre(), now=now)
    ((sql, params),) = [(sql, params) for sql, params in asked if '"prescription"' in sql]
    assert "prescription_issued_at" in plan_of(sql, params)


def _fill_the_past(issued: Prescription, now: datetime, days: int = 1000) -> None:
    """Copy a prescription and its visit into each day before: PostgreSQL chooses by the number of rows."""
    visit, paper = issued.visit.__data__, Prescription.get_by_id(issued.id).__data__
    for ago in range(1, days + 1):
        past = Visit.create(**visit | {"id": None, "uid": f"v{ago}", "number": 1000 + ago, "live_key": None})
        own = dict.fromkeys(("uid", "number", "code"), f"p{ago}")
        Prescription.create(**paper | own | {"id": None, "visit": past.id, "issued_at": now - timedelta(days=ago)})
    if not is_sqlite():
        database.execute_sql("ANALYZE")


def plan_of(sql: str, params: object) -> str:
    """The plan as text; PostgreSQL, with few rows, is forbidden to scan."""
    if is_sqlite():
        return str(database.obj.execute_sql(f"EXPLAIN QUERY PLAN {sql}", params).fetchall())
    database.obj.execute_sql("SET enable_seqscan = off")
    plan = database.obj.execute_sql(f"EXPLAIN {sql}", params).fetchall()
    database.obj.execute_sql("RESET enable_seqscan")
    return str(plan)


def test_a_query_without_an_index_is_found(db):
    assert scans('SELECT "t1"."id" FROM "visit" AS "t1" WHERE ("t1"."complaint" = \'x\')', ()) == {"visit"}
    assert scans('SELECT "t1"."id" FROM "visit" AS "t1" WHERE ("t1"."uid" = \'x\')', ()) == set()
