"""The end of the audit chain goes out of this machine, so that rows cut off here are missed elsewhere (S62).

A line in the log every hour, at the day's end and after many rows; and, where they are named, an address that is told
and a file that is added to. Whoever keeps one of these ends compares it with `portal audit verify --head`.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from portal.base import outbound
from portal.base.clock import clinic_day
from portal.settings.clinic import AuditRules
from portal.store.db import claim
from portal.work import audit_chain, jobs
from portal.work.audit import AuditHead
from portal.work.audit_chain import Head

EVERY, EVERY_ROWS = timedelta(hours=1), 1000
SILENCE = timedelta(minutes=10)  # so long the other side may be away before people are told
log = structlog.get_logger(__name__)
_file: Path | None = None


def install(file: Path | None) -> None:
    """Say which file is added to (the application factory does)."""
    global _file
    _file = file


def address() -> str:
    """The address that is told; empty when none is named."""
    return AuditRules.in_force().audit_head_address


@jobs.sweep(every=60)
def send_when_due(now: datetime) -> None:
    """Send the end of the chain when it is time, and again what nobody has heard yet."""
    row = AuditHead.get_by_id(1)
    has_ears = bool(address() or _file)
    if _is_due(row, now):
        since = (row.unheard_since or now) if has_ears else None
        sent = AuditHead.update(sent_rows=row.rows, sent_at=now, unheard_since=since)
        if not claim(sent.where((AuditHead.sent_rows == row.sent_rows) & (AuditHead.sent_at == row.sent_at))):
            return  # another worker was faster
        log.info("audit_head", head=str(Head(row.rows, row.hash)))
    elif row.unheard_since is None:
        return
    if has_ears:
        jobs.enqueue(tell, row.id)


@jobs.in_lane("bridge")
def tell(row_id: int, now: datetime) -> None:
    """Tell file and address the end as it is now. In the lane that waits for servers."""
    newest, where = audit_chain.head(), address()
    problem = _add_to_file(newest, now) or (_post(where, newest, now) if where else "")
    if problem:
        log.warning("audit_head_not_heard", reason=problem)
        return
    claim(AuditHead.update(unheard_since=None).where(AuditHead.id == row_id))


def is_unheard(now: datetime) -> bool:
    """Has nobody outside heard of the chain's end for some time, although somebody is named?"""
    since = AuditHead.get_by_id(1).unheard_since
    return bool(since and now - since > SILENCE and (address() or _file))


def _is_due(row: AuditHead, now: datetime) -> bool:
    """Also on a day without rows: who is told nothing for a day knows that something is wrong."""
    if row.sent_at is None or clinic_day(row.sent_at) != clinic_day(now):
        return True
    added = row.rows - row.sent_rows
    return added >= EVERY_ROWS or (added > 0 and abs(now - row.sent_at) >= EVERY)


def _add_to_file(newest: Head, now: datetime) -> str:
    """One line more, unless the last one says the same; what is wrong with the file, or nothing."""
    if _file is None:
        return ""
    try:
        descriptor = os.open(_file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            file.seek(max(os.fstat(descriptor).st_size - 200, 0))
            if not file.read().rstrip().endswith(str(newest).encode()):
                file.write(f"{now.isoformat(timespec='seconds')} {newest}\n".encode())
                file.flush()
                os.fsync(descriptor)
    except OSError as error:
        return f"{_file}: {error.strerror}"
    return ""


def _post(where: str, newest: Head, now: datetime) -> str:
    """What is wrong with the other side, or nothing."""
    body = {"head": str(newest), "rows": newest.rows, "hash": newest.hash, "at": now.isoformat()}
    try:
        answer = outbound.call("POST", where, json=body)
    except (outbound.Unreachable, outbound.NoAnswer) as error:
        return str(error)
    return "" if 200 <= answer.status < 300 else f"answered {answer.status}"
