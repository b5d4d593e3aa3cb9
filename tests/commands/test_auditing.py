"""Several processes verify the audit log together."""

import pytest

from portal.commands import auditing
from portal.work import audit, audit_published
from portal.work.audit import SYSTEM, AuditRow
from tests.work.test_audit_chain import unlock


@pytest.fixture
def three_rows(db, now, config, monkeypatch):
    for name in ("PORTAL_DATA_DIR", "PORTAL_DATABASE_URL", "PORTAL_SECRET_KEY", "PORTAL_DEMO"):
        monkeypatch.setenv(name, config.environ[name])
    for number in range(3):
        audit.note("Read", f"x{number}", by=SYSTEM, now=now)


def test_several_processes_verify_what_one_does(three_rows):
    told = audit_published.head()
    assert list(auditing.verify([told], 2)) == list(auditing.verify([told], 1)) == []
    unlock()
    AuditRow.update(subject="y").where(AuditRow.id == 2).execute()
    assert list(auditing.verify([told], 2)) == ["Row 2 was changed."]
