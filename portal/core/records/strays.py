"""Uploads that a crash cut short, and files of a database that is not this one."""

from collections.abc import Iterator
from datetime import datetime

from portal.core.records import files
from portal.core.records.models import HeldUpload, Record
from portal.store import quarantine
from portal.work import jobs


@jobs.sweep(every=3600, patience=quarantine.PATIENCE)
def sweep_strays(now: datetime) -> None:
    """Nothing unknown is deleted: a few strays are set aside, many are told."""
    quarantine.set_strays_aside(files.folder(), _known, now=now)


@jobs.sweep(every=3600, patience=quarantine.PATIENCE)
def sweep_quarantine(now: datetime) -> None:
    """What was set aside a month ago goes."""
    quarantine.end_of_quarantine(now)


def _known() -> Iterator[str]:
    for row in (*Record.select(Record.stored_name), *HeldUpload.select(HeldUpload.stored_name)):
        yield row.stored_name
