"""Orphaned files: uploads cut short by a crash, and files of another database."""

from collections.abc import Iterator
from datetime import datetime

from portal.core.records.models import HeldUpload, Preview, Record
from portal.store import quarantine
from portal.store.filing import current
from portal.store.kept.files import keeps
from portal.work import jobs

keeps(current.RECORDS, Record, HeldUpload, Preview)


@jobs.sweep(every=3600, grace=quarantine.GRACE)
def sweep_orphans(now: datetime) -> None:
    """Quarantine a few orphans, raise an alarm about many; delete nothing unknown."""
    quarantine.quarantine_orphans(current.RECORDS, _known, now=now)


@jobs.sweep(every=3600, grace=quarantine.GRACE)
def sweep_quarantine(now: datetime) -> None:
    """Delete what was quarantined a month ago."""
    quarantine.end_of_quarantine(now)


def _known() -> Iterator[str]:
    for model in (Record, HeldUpload, Preview):
        for row in model.select(model.stored_name):
            yield row.stored_name
