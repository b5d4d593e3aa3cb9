"""Query plans: what a query reads from one end to the other, on both engines."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from portal.store.db import database, is_sqlite

# A row for each event, person or paper; others grow with the staff, the settings and the days that lie ahead.
GROWING = {
    "account",
    "attempt",
    "audit_row",
    "beneficiary",
    "call_event",
    "call_room",
    "case_step",
    "chart_entry",
    "cleared",
    "clinic_session",
    "closing",
    "consent",
    "consult",
    "data_copy",
    "delivery",
    "dispensed_item",
    "dispensing",
    "doomed_file",
    "duty",
    "esanjeevani_bridge_handover",
    "esanjeevani_bridge_incoming",
    "esanjeevani_bridge_outgoing",
    "esanjeevani_bridge_seen",
    "event",
    "feedback",
    "follow_up_reminder",
    "held_upload",
    "indent",
    "kept_form",
    "large_print",
    "message",
    "nominee",
    "notify_webpush_push",
    "notify_webpush_subscription",
    "otp_challenge",
    "override",
    "permission",
    "pin",
    "prescribed_item",
    "prescription",
    "prescription_file",
    "preview",
    "private_opening",
    "record",
    "referral",
    "referral_request",
    "referral_slip",
    "register_change",
    "register_entry",
    "report_row",
    "rights_case",
    "send_attempt",
    "share",
    "sign_in",
    "spent_key",
    "transition",
    "video_jitsi_callback",
    "video_jitsi_room",
    "video_jitsi_seat",
    "video_webrtc_chat",
    "video_webrtc_check",
    "video_webrtc_invitation",
    "video_webrtc_room",
    "video_webrtc_seat",
    "video_webrtc_signal",
    "visit",
    "visit_code",
}
HOLDS_ALL = {"prescription_newest"}  # partial, but with a row of every visit
NOTHING = "(0 = 1)"  # of an empty list: no row is read


@pytest.fixture
def asked(db) -> Iterator[list[tuple[str, object]]]:
    """The queries from now on, with their parameters."""
    with recorded() as sent:
        yield sent


@contextmanager
def recorded() -> Iterator[list[tuple[str, object]]]:
    """The queries until the end of the block, with their parameters."""
    sent: list[tuple[str, object]] = []
    real = database.obj.execute_sql

    def spy(sql, params=None, *args, **kwargs):
        if sql.startswith(("SELECT", "UPDATE", "DELETE", "WITH")) and not sql.startswith("SELECT pg_"):
            sent.append((sql, params))
        return real(sql, params, *args, **kwargs)

    database.obj.execute_sql = spy
    try:
        yield sent
    finally:
        database.obj.execute_sql = real


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


def plan_of(sql: str, params: object) -> str:
    """The plan as text; PostgreSQL, with few rows, is forbidden to scan.

    It chooses by what it counted last, which may have been the table of an earlier test, so it counts again first.
    """
    if is_sqlite():
        return str(database.obj.execute_sql(f"EXPLAIN QUERY PLAN {sql}", params).fetchall())
    for table in sorted(set(re.findall(r'"(\w+)" AS "', sql))):
        database.obj.execute_sql(f'VACUUM (ANALYZE) "{table}"')
    database.obj.execute_sql("SET enable_seqscan = off")
    plan = database.obj.execute_sql(f"EXPLAIN {sql}", params).fetchall()
    database.obj.execute_sql("RESET enable_seqscan")
    return str(plan)
