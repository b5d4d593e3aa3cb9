"""The audit chain: whole, or the break is named (S62)."""

import peewee
import pytest

from portal.core import audit
from portal.core.audit import SYSTEM, AuditHead, AuditRow
from portal.core.db import database, is_sqlite


@pytest.fixture
def three_rows(db, now):
    for number in range(3):
        audit.note("Read", f"x{number}", by=SYSTEM, now=now, number=number)


def unlock():
    """The database lets rows be changed: only here, the same database serves the next test."""
    if not is_sqlite():
        database.execute_sql("SET session_replication_role = replica")
        return
    for deed in ("update", "delete"):
        database.execute_sql(f"DROP TRIGGER audit_row_no_{deed}")


def test_an_untouched_chain_is_whole(three_rows):
    assert list(audit.verify()) == []


def test_the_database_itself_refuses_to_change_a_row(three_rows):
    with pytest.raises(peewee.IntegrityError, match="never changed"):
        AuditRow.update(subject="y").execute()


def test_an_edited_row_is_named(three_rows):
    unlock()
    AuditRow.update(subject="y").where(AuditRow.id == 2).execute()
    assert list(audit.verify()) == ["Row 2 was changed."]


def test_a_deleted_row_is_noticed(three_rows):
    unlock()
    AuditRow.delete().where(AuditRow.id == 2).execute()
    assert "Row 3 does not follow the row before it." in list(audit.verify())


def test_a_cut_off_end_is_noticed(three_rows):
    unlock()
    AuditRow.delete().where(AuditRow.id == 3).execute()
    assert list(audit.verify()) == ["The chain ends after 2 rows, but 3 were written."]


def test_two_swapped_rows_are_noticed(three_rows):
    unlock()
    first, second = AuditRow.get_by_id(1), AuditRow.get_by_id(2)
    AuditRow.update(subject=second.subject, details=second.details).where(AuditRow.id == 1).execute()
    AuditRow.update(subject=first.subject, details=first.details).where(AuditRow.id == 2).execute()
    assert list(audit.verify())


def test_the_head_counts_every_row(three_rows):
    assert AuditHead.get_by_id(1).rows == 3
