"""The nightly verification of the audit log: every row is read, by `portal audit verify --nightly` as its own process.

What it found is a row: the overview, `portal check` and the metrics tell a break until a later night finds none.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog

from portal.base import clock
from portal.sandbox.command import Command
from portal.settings.clinic import AuditRules
from portal.store.db import write
from portal.work import audit, audit_published, jobs, throttle
from portal.work.audit import SYSTEM, AuditRow
from portal.work.proving import sections
from portal.work.proving.checks import AuditCheck, newest

RETRY = timedelta(hours=1)
log = structlog.get_logger(__name__)
COMMAND = Command("audit", "verify", "--nightly", niceness=10)


def is_due(now: datetime) -> bool:
    """Is there none of today's hour or later? A log that began after that hour waits for the next night."""
    at = clock.last_at(AuditRules.in_force().audit_verify_hour, now)
    last = newest()
    if last is not None:
        return bool(last.at < at)
    oldest = AuditRow.select(AuditRow.at).order_by(AuditRow.at).limit(1).scalar()
    return bool(oldest and oldest < at)


def put_on_record(breaks: Iterable[str], *, now: datetime) -> AuditCheck:
    """Store what a verification found, and close the sections of an intact log; its rows up to now are in the count."""
    found = list(breaks)
    rows = audit_published.head().rows
    first = found[0][:200] if found else ""
    with write():
        check = AuditCheck.create(at=now, rows=rows, breaks=len(found), first=first)
        audit.note("AuditVerified", "audit", by=SYSTEM, now=now, rows=rows, breaks=len(found))
    if found:
        log.error("audit_log_broken", breaks=len(found), first=first)
    else:
        sections.close_sections(by=SYSTEM, now=now)
        log.info("audit_log_verified", rows=rows, link=sections.published())
    return check


@jobs.sweep(every=60)
def verify_when_due(now: datetime) -> None:
    """Start the verification, on one worker; one that failed is tried again after an hour."""
    if not COMMAND.is_running() and is_due(now) and throttle.take_turn("audit verification", within=RETRY, now=now):
        COMMAND.start()


@jobs.at_stop
def stop_verification() -> None:
    """End a verification with the worker; it changes nothing before its end."""
    COMMAND.stop()
