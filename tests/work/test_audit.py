"""Rows of the audit log are counted, and the database itself refuses to change one (S62)."""

import peewee
import pytest

from portal.work import audit
from portal.work.audit import SYSTEM, AuditRow
from portal.work.audit_published import head


@pytest.fixture
def three_rows(db, now):
    for number in range(3):
        audit.note("Read", f"x{number}", by=SYSTEM, now=now, number=number)


def test_the_database_itself_refuses_to_change_a_row(three_rows):
    with pytest.raises(peewee.IntegrityError, match="never changed"):
        AuditRow.update(subject="y").execute()


def test_the_head_counts_every_row(three_rows):
    assert head().rows == 3
