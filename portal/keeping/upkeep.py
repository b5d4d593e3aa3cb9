"""What is done every hour for backups to come: marks are folded, and deletions that a killed backup left are made."""

from datetime import datetime, timedelta

from portal.base.clock import clinic_day
from portal.store.kept import files, marks
from portal.work import jobs


@jobs.sweep(every=3600)
def sweep_marks(now: datetime) -> None:
    """Fold the marks of the days before yesterday; any other process has gone on to a newer file."""
    marks.fold(clinic_day(now) - timedelta(days=1))


@jobs.sweep(every=3600)
def sweep_deferred_files(now: datetime) -> None:
    """Delete the files whose rows went while a backup was being made that never ended."""
    files.delete_deferred()
