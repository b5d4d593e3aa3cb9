"""Large-print sheets as PDF: ordered when somebody first asks, printed by the worker, made anew when lost.

Printing one costs as much as the prescription itself, and few are ever read.
"""

from datetime import datetime, timedelta

from portal.base import clock
from portal.base.errors import BeingMade
from portal.base.language import gettext as _
from portal.core.family.print_models import LargePrint
from portal.core.paper import large_print, pdf
from portal.core.prescriptions.models import Prescription
from portal.store.db import claim, require_no_transaction, write
from portal.store.filing import current
from portal.work import jobs
from portal.work.leases import BackOff, Leases

MAKING_SECONDS = 3
LEASES = Leases(
    LargePrint,
    timedelta(seconds=pdf.SECONDS + 15),
    BackOff(first=5, longest=300),
    is_open=LargePrint.stored_at.is_null(),
)


def file_of(issued: Prescription) -> bytes:
    """Read the sheet. Raises BeingMade until it is made; one that is missing or damaged is made anew."""
    row = LargePrint.get_or_none(LargePrint.prescription == issued)
    content = current.intact(_key(issued), row.sha256) if row and row.stored_at else None
    if content is not None:
        return content
    _order(issued)
    raise BeingMade(_("The sheet is being made. Please try again in a moment."), retry_after=MAKING_SECONDS)


@jobs.in_lane("files")
def make_large_print(row_id: int, now: datetime) -> None:
    """Print and store one sheet. Idempotent. A failed attempt releases its lease and is retried."""
    with pdf.printers().reserved() as ask:
        now = max(now, clock.now())  # waiting for a child does not shorten the lease
        row = LEASES.take(row_id, now)
        if row is None:
            return
        with LEASES.giving_back(row, now):
            sha256 = _keep(row.prescription, ask(large_print.request_of(row.prescription.content)))
        LEASES.done(row, sha256=sha256, stored_at=now, next_at=None)


@jobs.sweep(every=10)
def sweep_large_prints(now: datetime) -> None:
    """Re-enqueue sheets that a crash or a lost queue left unmade."""
    for row in LargePrint.select(LargePrint.id).where(LEASES.waiting(now)).order_by(LargePrint.id).limit(20):
        jobs.enqueue(make_large_print, row.id)


def _order(issued: Prescription) -> None:
    """Order the sheet, again where it was lost; one that is being made is not ordered twice."""
    lost = (LargePrint.prescription == issued) & LargePrint.stored_at.is_null(False)
    with write():
        if not claim(LargePrint.update(stored_at=None, lease_until=None, tries=0, next_at=None).where(lost)):
            LargePrint.insert(prescription=issued).on_conflict_ignore().execute()
        jobs.enqueue(make_large_print, LargePrint.get(LargePrint.prescription == issued).id)


def _keep(issued: Prescription, content: bytes) -> str:
    """Write the file atomically; return its SHA-256."""
    require_no_transaction()
    return current.keep(_key(issued), content)


def _key(issued: Prescription) -> str:
    return f"{current.LARGE_PRINT}/{issued.uid}.pdf"
