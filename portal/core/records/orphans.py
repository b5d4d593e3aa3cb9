"""Orphaned files: uploads cut short by a crash, and files of another database."""

from datetime import datetime

from portal.core.records.models import HeldUpload, Preview, Record
from portal.store import quarantine
from portal.store.filing import current
from portal.store.kept.files import keeps
from portal.work import jobs

keeps(current.RECORDS, Record, HeldUpload, Preview)
_known = quarantine.named_by(Record.stored_name, HeldUpload.stored_name, Preview.stored_name)


@jobs.sweep(every=86400, grace=quarantine.GRACE)
def sweep_orphans(now: datetime) -> None:
    """Have the files looked through, beside the sweeps of every second: of a million that takes a minute."""
    jobs.enqueue(find_unknown_records, 0)


@jobs.in_lane("records")
def find_unknown_records(_row_id: int, now: datetime) -> None:
    """Quarantine a few orphans, raise an alarm about many; delete nothing unknown."""
    quarantine.quarantine_orphans(current.RECORDS, _known, now=now)


@jobs.sweep(every=3600, grace=quarantine.GRACE)
def sweep_quarantine(now: datetime) -> None:
    """Delete what was quarantined a month ago."""
    quarantine.end_of_quarantine(now)
