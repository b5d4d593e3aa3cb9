"""Cleaning job: each upload is replaced by a sanitised copy, made in a sandbox; until then no doctor sees it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from portal.base.errors import Unavailable
from portal.core.records import files, previews
from portal.core.records.cleaning import sandbox, virus_scan
from portal.core.records.cleaning.outcome import Refused
from portal.core.records.events import RecordChecked
from portal.core.records.models import UNSCANNED, Record
from portal.store.db import release, write
from portal.work import jobs
from portal.work.audit import SYSTEM
from portal.work.events import record
from portal.work.leases import BackOff, Leases

# Longer than the sandbox's timeout, and no longer: after a kill -9 the doctor waits for it to expire.
LEASE = timedelta(seconds=sandbox.SECONDS + 15)
TRIES = 3
AGAIN = timedelta(seconds=30)
UPLOAD_GRACE = timedelta(seconds=10)
LEASES = Leases(
    Record,
    LEASE,
    BackOff(first=AGAIN.total_seconds(), longest=AGAIN.total_seconds()),
    is_open=Record.state == "checking",
    at_stop=True,
)
log = structlog.get_logger(__name__)


@jobs.in_lane("records")
def clean_record(record_id: int, now: datetime) -> None:
    """Clean one upload. An attempt that kills its process counts, so that no file keeps the worker busy for ever."""
    row = LEASES.take(record_id, now)
    if row is None:
        return
    if row.tries > TRIES:
        _finish(row, now, state="refused", refusal="failed")
        return
    with LEASES.giving_back(row, now):
        _look_at(row, now)


def _look_at(row: Record, now: datetime) -> None:
    try:
        _clean(row, now)
    except Refused as refusal:
        log.warning("record_refused", record=row.uid, reason=str(refusal))
        state = "locked" if str(refusal) == "locked" else "refused"
        _finish(row, now, state=state, refusal=str(refusal))
    except sandbox.SandboxFailed as error:
        log.warning("record_not_checked", record=row.uid, tries=row.tries, reason=str(error))
        LEASES.later(row, now)
    except Unavailable:  # disk full: not the file's fault
        LEASES.later(row, now, counted=False)
    except virus_scan.NotScanned as error:
        log.warning("record_not_scanned", record=row.uid, reason=str(error))
        LEASES.later(row, now, counted=False, refusal=UNSCANNED)


def _clean(row: Record, now: datetime) -> None:
    content = files.intact(row.stored_name, row.sha256)
    if content is None:
        log.error("record_damaged", record=row.uid)
        raise Refused("missing")
    release()
    virus_scan.require_clean(content)
    copy = sandbox.clean(row.kind, content)
    stored, *pictures = previews.store((copy.content, *copy.previews))
    is_kept = _finish(
        row,
        now,
        pictures,
        state="ready" if copy.is_whole else "partial",
        refusal="",
        remarks=" ".join(copy.remarks),
        kind=copy.kind,
        stored_name=stored.name,
        size=stored.size,
        sha256=stored.sha256,
        pages=copy.pages,
    )
    previews.forget([row.stored_name] if is_kept else [one.name for one in (stored, *pictures)])


def _finish(row: Record, now: datetime, pictures: Sequence[files.Stored] = (), **changes: object) -> bool:
    """Store the result, unless the family has removed the record meanwhile."""
    mine = (Record.id == row.id) & (Record.state == "checking") & (Record.stored_name == row.stored_name)
    with write():
        if not Record.update(lease_until=None, **changes).where(mine).execute():
            return False
        previews.keep(row.id, pictures)
        record(RecordChecked(state=str(changes["state"])), row.uid, by=SYSTEM, now=now)
    return True


@jobs.sweep(every=10)
def sweep_unchecked(now: datetime) -> None:
    """Re-enqueue what a crash or a lost queue orphaned. The sweep itself never blocks on a file."""
    waiting = LEASES.waiting(now) & (Record.uploaded_at < now - UPLOAD_GRACE)
    for row in Record.select(Record.id).where(waiting).order_by(Record.id).limit(20):
        jobs.enqueue(clean_record, row.id)
