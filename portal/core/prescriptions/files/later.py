"""Job that signs what was stored unsigned, and stamps and signs what no longer holds. Until then people read the former
file, or one stamped while it is read: no prescription waits for a signature.
"""

from datetime import datetime, timedelta

import structlog

from portal.base import clock
from portal.core.clinic.models import bump
from portal.core.paper import stamps
from portal.core.prescriptions import storage
from portal.core.prescriptions.events import PrescriptionSigned
from portal.core.prescriptions.files import signing
from portal.core.prescriptions.files.signing import Kept
from portal.core.prescriptions.models import DUE, MADE, Prescription, PrescriptionFile
from portal.core.signing import places, signatures
from portal.store.db import write
from portal.work import jobs
from portal.work.audit import SYSTEM
from portal.work.events import record
from portal.work.leases import BackOff, Leases

LEASE = timedelta(seconds=signatures.SECONDS * 2 + 15)  # of two: another document may have to be waited for
SWEEP_SECONDS = 5.0
LEASES = Leases(
    Prescription,
    LEASE,
    BackOff(first=30, longest=600),
    is_open=(Prescription.signature == DUE) & Prescription.stored_at.is_null(False),
    counts_taking=False,
)
log = structlog.get_logger(__name__)


class DamagedFile(RuntimeError):
    """The file to sign is missing, or not as it was stored."""


def wanted() -> str:
    """Return where the signature of a new file stands: DUE where files are signed, else ""."""
    return DUE if places.is_on() else ""


@jobs.in_lane("files")
def sign_pdf(prescription_id: int, now: datetime) -> None:
    """Sign what people read of a prescription, and store that beside the former file. Idempotent."""
    _attempt(prescription_id, now)


@jobs.sweep(every=10)
def sweep_unsigned(now: datetime) -> None:
    """Retry what failed or was lost. What fails for one mostly fails for all, so the rest waits for the next sweep."""
    started = clock.monotonic()
    waiting = Prescription.select(Prescription.id).where(LEASES.waiting(now))
    for row in waiting.order_by(Prescription.tries, Prescription.id).limit(50):
        if clock.monotonic() - started > SWEEP_SECONDS or not _attempt(row.id, now):
            return


def enqueue(issued: Prescription) -> None:
    """Enqueue the job after the current transaction, where files are signed."""
    if places.is_on():
        jobs.enqueue(sign_pdf, issued.id)


def unsigned(now: datetime, *, late: timedelta = timedelta()) -> list[Prescription]:
    """List the prescriptions whose file should be signed and is not, the oldest first."""
    due = (Prescription.signature == DUE) & (Prescription.issued_at < now - late)
    return list(Prescription.select().where(due).order_by(Prescription.id))


def _attempt(prescription_id: int, now: datetime) -> bool:
    issued = LEASES.take(prescription_id, now)
    if issued is None:
        return True
    kind = issued.kind
    try:
        kept = _make(issued, kind, now) if places.is_on() else None
    except BaseException as error:
        _give_back(issued, error, now)
        if not isinstance(error, Exception):
            raise
        return False
    if kept is None:  # switched off meanwhile
        LEASES.done(issued, next_at=None, signature="")
    else:
        _finish(issued, kind, kept, now)
    return True


def _give_back(issued: Prescription, error: BaseException, now: datetime) -> None:
    reason = str(error) if isinstance(error, (*signing.FAILURES, DamagedFile)) else type(error).__name__
    again = LEASES.later(issued, now, failure=reason[:200])
    wait = (again - now).total_seconds()
    log.error("prescription_not_signed", prescription=issued.uid, kind=issued.kind, again_in=wait, reason=reason)


def _make(issued: Prescription, kind: str, now: datetime) -> Kept:
    content = storage.intact(issued.stored_name, issued.sha256)
    if content is None:
        raise DamagedFile("its file is missing or damaged")
    shown = content if kind == "issued" else stamps.stamped(content, kind)
    return signing.keep(*signing.sign(shown, issued, kind, now=now))


def _finish(issued: Prescription, kind: str, kept: Kept, now: datetime) -> None:
    """Store the row; what was cancelled or replaced meanwhile stays due, for its stamp."""
    with write():
        bump(issued.visit.session)  # first, as cancelling and correcting do
        found = Prescription.get_by_id(issued.id)
        state = {"signature": MADE} if found.kind == kind else {}
        if kind == "issued":
            state["signed_by"] = kept.signed_by
        if not LEASES.done(issued, next_at=None, failure="", tries=0, **state):
            storage.discard(kept.name)
            return
        PrescriptionFile.create(
            prescription=issued,
            kind=kind,
            stored_name=kept.name,
            sha256=kept.sha256,
            signed_by=kept.signed_by,
            made_at=now,
        )
        told = PrescriptionSigned(visit=issued.visit.uid, number=issued.number, kind=kind)
        record(told, issued.uid, by=SYSTEM, now=now)
        if found.kind != kind:
            jobs.enqueue(sign_pdf, issued.id)
