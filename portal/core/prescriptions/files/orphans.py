"""Files that an attempt stored and no row took: the process was killed in between."""

from datetime import datetime

from portal.core.prescriptions.models import Prescription, PrescriptionFile
from portal.store import quarantine
from portal.store.filing import current
from portal.store.kept.files import keeps
from portal.work import jobs

keeps(current.PRESCRIPTIONS, Prescription, PrescriptionFile)

PART = ".part"  # of a file that is being written
_named = quarantine.named_by(Prescription.stored_name, PrescriptionFile.stored_name)


@jobs.sweep(every=86400, grace=quarantine.GRACE)
def sweep_papers(now: datetime) -> None:
    """Have the files looked through, beside the sweeps of every second: of a million that takes a minute."""
    jobs.enqueue(find_unknown_papers, 0)


@jobs.in_lane("records")
def find_unknown_papers(_row_id: int, now: datetime) -> None:
    """Quarantine a few, raise an alarm about many; delete nothing unknown."""
    quarantine.quarantine_orphans(current.PRESCRIPTIONS, _known, now=now)


def _known(names: set[str]) -> set[str]:
    found = _named({name.removesuffix(PART) for name in names})
    return found | {f"{name}{PART}" for name in found}
