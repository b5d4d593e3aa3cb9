"""Job that renders, signs and stores the PDF: in child processes, under a lease, with retries and back-off."""

from datetime import datetime, timedelta
from threading import Condition

import structlog

from portal.base import clock
from portal.core.clinic.models import bump
from portal.core.paper import pdf
from portal.core.paper.content import Content
from portal.core.prescriptions import storage
from portal.core.prescriptions.events import PrescriptionStored, PrescriptionStuck
from portal.core.prescriptions.files import later, signing
from portal.core.prescriptions.files.signing import Kept
from portal.core.prescriptions.models import DUE, MADE, STUCK_AFTER, UNMADE, Prescription
from portal.core.signing import signatures
from portal.sandbox.child_process import ChildFailed, WorkFailed
from portal.store.db import write
from portal.work import jobs
from portal.work.audit import SYSTEM
from portal.work.events import record
from portal.work.leases import BackOff, Leases

# Taken once a child is free, so it covers one child's timeout. Only kill -9 and a power cut let it expire.
LEASE = timedelta(seconds=pdf.SECONDS + signatures.SECONDS * 2 + 15)
SWEEP_SECONDS = 5.0  # other sweeps wait meanwhile
STOP_SECONDS = 5.0
# Errors whose text is logged (a missing library, a full disk); other texts may have personal data.
_TOLD = ("ImportError", "ModuleNotFoundError", "OSError")
LEASES = Leases(
    Prescription,
    LEASE,
    BackOff(first=5, longest=300, at_once=1),
    is_open=UNMADE,
    counts_taking=False,
)
log = structlog.get_logger(__name__)
_held: set[int] = set()
_changed = Condition()


@jobs.in_lane("files")
def make_pdf(prescription_id: int, now: datetime) -> None:
    """Render and store the PDF of an issued prescription. Idempotent. A failed attempt releases its lease at once."""
    with pdf.reserved() as render:
        now = max(now, clock.now())  # waiting for a child does not shorten the lease
        issued = _take(prescription_id, now)
        if issued is None:
            return
        try:
            printed = render(Content.from_json(issued.content))
            kept = signing.keep(*signing.try_sign(printed, issued, now=now))
        except BaseException as error:
            _give_back(issued, error, now)
            if not isinstance(error, Exception):
                raise
        else:
            _finish(issued, kept, now)
        finally:
            _let_go(prescription_id)


@jobs.sweep(every=5)
def sweep_unmade(now: datetime) -> None:
    """Retry what a crash, a lost queue or a failed attempt left."""
    started = clock.monotonic()
    late = Prescription.issued_at < now - timedelta(seconds=5)
    waiting = Prescription.select(Prescription.id).where(LEASES.waiting(now) & late)
    for row in waiting.order_by(Prescription.tries, Prescription.id).limit(20):
        if clock.monotonic() - started > SWEEP_SECONDS:
            return
        make_pdf(row.id, now)


def stuck() -> list[Prescription]:
    """List prescriptions whose file failed repeatedly, the oldest first."""
    vain = Prescription.tries >= STUCK_AFTER
    return list(Prescription.select().where(UNMADE & vain).order_by(Prescription.id))


@jobs.at_stop
def stop() -> None:
    """Stop the children; attempts in progress fail and release their leases, so that another worker retries at once."""
    with _changed:
        if _held:
            pdf.printers().close()
            signatures.signers().close()
        _changed.wait_for(lambda: not _held, STOP_SECONDS)


def _take(prescription_id: int, now: datetime) -> Prescription | None:
    """Take the lease, if the file is still to be made and nobody holds it."""
    with _changed:
        issued = LEASES.take(prescription_id, now)
        if issued is not None:
            _held.add(prescription_id)
    return issued


def _let_go(prescription_id: int) -> None:
    with _changed:
        _held.discard(prescription_id)
        _changed.notify_all()


def _finish(issued: Prescription, kept: Kept, now: datetime) -> None:
    with write():
        bump(issued.visit.session)  # expires the cache of the patient's page
        is_current = bool(kept.signed_by) and Prescription.get_by_id(issued.id).kind == "issued"
        signature = MADE if is_current else later.wanted()
        file = {"stored_name": kept.name, "sha256": kept.sha256, "signed_by": kept.signed_by, "signature": signature}
        if not LEASES.done(issued, **file, stored_at=now, next_at=None, failure=""):
            storage.discard(kept.name)
            return
        told = PrescriptionStored(visit=issued.visit.uid, number=issued.number, signed=bool(kept.signed_by))
        record(told, issued.uid, by=SYSTEM, now=now)
        if signature == DUE:
            jobs.enqueue(later.sign_pdf, issued.id)


def _give_back(issued: Prescription, error: BaseException, now: datetime) -> None:
    tries, reason = issued.tries + 1, _reason(error)
    with write():
        again = LEASES.later(issued, now, failure=reason[:200])
        if tries == STUCK_AFTER:
            bump(issued.visit.session)  # the patient's page says so
            record(PrescriptionStuck(visit=issued.visit.uid, number=issued.number), issued.uid, by=SYSTEM, now=now)
        if again <= now:
            jobs.enqueue(make_pdf, issued.id)
    wait = (again - now).total_seconds()
    log.error("prescription_not_made", prescription=issued.uid, tries=tries, again_in=wait, reason=reason)


def _reason(error: BaseException) -> str:
    if isinstance(error, ChildFailed | OSError):
        return str(error)
    if isinstance(error, WorkFailed):
        return str(error) if error.kind in _TOLD else error.kind
    return type(error).__name__
