"""Send the head of the audit chain off this machine, so that truncation here is detected elsewhere (S62).

A log line every hour, daily and after many rows; and, when configured, a webhook and a line appended to a file. Compare
any of these heads with `portal audit verify --head`. With it goes the link of the newest section, which extracts prove.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from portal.base import outbound
from portal.base.clock import clinic_day
from portal.settings.clinic import AuditRules
from portal.store.db import claim
from portal.work import audit_published, jobs
from portal.work.audit import AuditHead
from portal.work.audit_published import Head
from portal.work.proving import sections

EVERY, EVERY_ROWS = timedelta(hours=1), 1000
LONGEST_LINE = 2000  # bytes
ALARM_AFTER = timedelta(minutes=10)  # how long delivery may fail before the administrator is told
log = structlog.get_logger(__name__)
_file: Path | None = None


def install(file: Path | None) -> None:
    """Set the file that heads are appended to (the application factory does)."""
    global _file
    _file = file


def address() -> str:
    """Return the webhook URL; empty when none is configured."""
    return AuditRules.in_force().audit_head_address


@jobs.sweep(every=60)
def send_when_due(now: datetime) -> None:
    """Send the head when due, and retry until it has been delivered."""
    row, newest = AuditHead.get_by_id(1), audit_published.head()
    has_receiver = bool(address() or _file)
    if _is_due(row, newest.rows, now):
        since = (row.unheard_since or now) if has_receiver else None
        sent = AuditHead.update(sent_rows=newest.rows, sent_at=now, unheard_since=since)
        if not claim(sent.where((AuditHead.sent_rows == row.sent_rows) & (AuditHead.sent_at == row.sent_at))):
            return  # another worker won the compare-and-set
        log.info("audit_head", head=str(newest), link=sections.published())
    elif row.unheard_since is None:
        return
    if has_receiver:
        jobs.enqueue(tell, row.id)


@jobs.in_lane("bridge")
def tell(row_id: int, now: datetime) -> None:
    """Append the current head to the file and post it to the webhook. In the queue for calls to other servers."""
    newest, where = audit_published.head(), address()
    problem = _add_to_file(newest, now) or (_post(where, newest, now) if where else "")
    if problem:
        log.warning("audit_head_not_heard", reason=problem)
        return
    told = (AuditHead.id == row_id) & (AuditHead.sent_rows <= newest.rows)  # not of a head that came due meanwhile
    claim(AuditHead.update(unheard_since=None).where(told))


def is_unheard(now: datetime) -> bool:
    """Has delivery to the configured file or webhook failed for longer than the alarm limit?"""
    since = AuditHead.get_by_id(1).unheard_since
    return bool(since and now - since > ALARM_AFTER and (address() or _file))


def _is_due(row: AuditHead, rows: int, now: datetime) -> bool:
    """Due hourly or every EVERY_ROWS rows, and daily even without rows: a missing head is itself an alarm."""
    if row.sent_at is None or clinic_day(row.sent_at) != clinic_day(now):
        return True
    added = rows - row.sent_rows
    return added >= EVERY_ROWS or (added > 0 and abs(now - row.sent_at) >= EVERY)


def _add_to_file(newest: Head, now: datetime) -> str:
    """Append a line, unless the last one is the same. Returns what is wrong with the file, or ""."""
    if _file is None:
        return ""
    try:
        descriptor = os.open(_file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            file.seek(max(os.fstat(descriptor).st_size - LONGEST_LINE, 0))
            line = f"{newest} {sections.published()}".rstrip()
            if not file.read().rstrip().endswith(line.encode()):
                file.write(f"{now.isoformat(timespec='seconds')} {line}\n".encode())
                file.flush()
                os.fsync(descriptor)
    except OSError as error:
        return f"{_file}: {error.strerror}"
    return ""


def _post(where: str, newest: Head, now: datetime) -> str:
    """Post to the webhook. Returns what went wrong, or ""."""
    body = {"head": str(newest), "rows": newest.rows, "hash": newest.hash, "at": now.isoformat()}
    body["link"] = sections.published()
    try:
        answer = outbound.call("POST", where, json=body)
    except (outbound.Unreachable, outbound.NoAnswer) as error:
        return str(error)
    return "" if 200 <= answer.status < 300 else f"answered {answer.status}"
