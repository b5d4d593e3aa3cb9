"""Files that an attempt stored and no row took: the process was killed in between."""

from collections.abc import Iterator
from datetime import datetime

from portal.core.prescriptions.models import Prescription, PrescriptionFile
from portal.store import quarantine
from portal.store.filing import current
from portal.store.kept.files import keeps
from portal.work import jobs

keeps(current.PRESCRIPTIONS, Prescription, PrescriptionFile)


@jobs.sweep(every=3600, grace=quarantine.GRACE)
def sweep_papers(now: datetime) -> None:
    """Quarantine a few, raise an alarm about many; delete nothing unknown."""
    quarantine.quarantine_orphans(current.PRESCRIPTIONS, _known, now=now)


def _known() -> Iterator[str]:
    for table in (Prescription, PrescriptionFile):
        for row in table.select(table.stored_name):
            yield row.stored_name
            yield f"{row.stored_name}.part"
