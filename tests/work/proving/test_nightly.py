"""The audit log is verified every night, and whoever runs the portal is told of a break."""

import os
import subprocess
import sys
from datetime import time, timedelta

from portal.base.clock import at_ist, clinic_day
from portal.work.audit import AuditRow
from portal.work.audit_chain import verify
from portal.work.proving import nightly, sections
from portal.work.proving.checks import AuditCheck, newest
from tests.noted import noted
from tests.work.test_audit import three_rows as three_rows
from tests.work.test_audit_chain import unlock


def verified(now) -> AuditCheck:
    return nightly.put_on_record(verify(), now=now)


def test_an_intact_log_is_put_on_record_with_a_section(three_rows, now):
    rows = noted(lambda: verified(now))
    assert [action for action, _by, _subject in rows] == ["AuditVerified", "AuditSectionClosed"]
    assert newest().breaks == 0
    assert sections.published().startswith("sections 1 ")


def test_a_break_is_put_on_record_and_closes_no_section(three_rows, now):
    unlock()
    AuditRow.update(subject="y").where(AuditRow.id == 2).execute()
    check = verified(now)
    assert (check.breaks, check.first, sections.newest()) == (1, "Row 2 was changed.", None)


def test_it_is_due_once_a_night(three_rows, now):
    tomorrow = at_ist(clinic_day(now) + timedelta(days=1), time(3))
    assert not nightly.is_due(now)
    assert nightly.is_due(tomorrow)
    verified(tomorrow)
    assert not nightly.is_due(tomorrow + timedelta(hours=23))
    assert nightly.is_due(tomorrow + timedelta(hours=24))


def test_one_worker_starts_it_and_a_failed_one_is_tried_again_after_an_hour(three_rows, now, monkeypatch):
    started = []
    monkeypatch.setattr(nightly.COMMAND, "start", lambda: started.append(1))
    for after in (24, 24.5, 25.1):
        nightly.verify_when_due(now + timedelta(hours=after))
    assert len(started) == 2


def test_the_command_verifies_with_the_file_of_heads_and_puts_it_on_record(three_rows, config, tmp_path):
    heads = tmp_path / "heads"
    heads.write_text(f"2026-01-01 9:{'0' * 64}\n")
    environ = {"PORTAL_DATA_DIR": str(config.data_dir), "PORTAL_DATABASE_URL": config.database_url}
    secrets = {"PORTAL_SECRET_KEY": config.secret_key, "PORTAL_AUDIT_HEADS": str(heads)}
    command = [sys.executable, "-m", "portal", "audit", "verify", "--nightly"]
    done = subprocess.run(command, env=os.environ | environ | secrets, capture_output=True, text=True, check=False)
    assert (done.returncode, "Row number 9 is missing" in done.stdout) == (1, True), done.stdout + done.stderr
    assert [row.breaks for row in AuditCheck.select()] == [1]
