"""Making the file of an issued prescription: in a child process, under a lease that a failed try gives back at once."""

from datetime import datetime, timedelta
from threading import Condition

import structlog

from portal.base import clock
from portal.core.clinic.models import bump
from portal.core.prescribing.content import Content
from portal.core.prescriptions import pdf, storage
from portal.core.prescriptions.events import PrescriptionStored, PrescriptionStuck
from portal.core.prescriptions.models import STUCK_AFTER, Prescription
from portal.sandbox.child_process import ChildFailed, WorkFailed
from portal.store.db import write
from portal.work import jobs
from portal.work.audit import SYSTEM
from portal.work.events import record
from portal.work.leases import BackOff, Leases

# Taken when a child is free, so it needs to be no longer than a child may take. Only kill -9 and a power cut leave it.
LEASE = timedelta(seconds=pdf.SECONDS + 15)
SWEEP_SECONDS = 5.0  # other sweeps wait meanwhile
STOP_SECONDS = 5.0
# A missing library or a full disk is told in its own words; other texts may speak of the patient.
_TOLD = ("ImportError", "ModuleNotFoundError", "OSError")
LEASES = Leases(
    Prescription,
    LEASE,
    BackOff(first=5, longest=300, at_once=1),
    is_open=Prescription.stored_at.is_null(),
    counts_taking=False,
)
log = structlog.get_logger(__name__)
_held: set[int] = set()
_changed = Condition()


@jobs.in_lane("files")
def make_pdf(prescription_id: int, now: datetime) -> None:
    """Render and store the file of an issued prescription, once. A try that fails is given back at once."""
    with pdf.reserved() as render:
        now = max(now, clock.now())  # waiting for a child takes none of the lease
        issued = _take(prescription_id, now)
        if issued is None:
            return
        try:
            sha256 = storage.keep(issued.stored_name, render(Content.from_json(issued.content)))
        except BaseException as error:
            _give_back(issued, error, now)
            if not isinstance(error, Exception):
                raise
        else:
            _finish(issued, sha256, now)
        finally:
            _let_go(prescription_id)


@jobs.sweep(every=5)
def sweep_unmade(now: datetime) -> None:
    """Make what a crash, a lost queue or a failed try left behind."""
    started = clock.monotonic()
    late = Prescription.issued_at < now - timedelta(seconds=5)
    waiting = Prescription.select(Prescription.id).where(LEASES.waiting(now) & late)
    for row in waiting.order_by(Prescription.tries, Prescription.id).limit(20):
        if clock.monotonic() - started > SWEEP_SECONDS:
            return
        make_pdf(row.id, now)


def stuck() -> list[Prescription]:
    """Prescriptions whose file fails again and again, the oldest first."""
    vain = Prescription.stored_at.is_null() & (Prescription.tries >= STUCK_AFTER)
    return list(Prescription.select().where(vain).order_by(Prescription.id))


@jobs.at_stop
def stop() -> None:
    """End the children; what is being made fails and is given back, so that another worker may have it at once."""
    with _changed:
        if _held:
            pdf.printers().close()
        _changed.wait_for(lambda: not _held, STOP_SECONDS)


def _take(prescription_id: int, now: datetime) -> Prescription | None:
    """The prescription, if it is still to be made and nobody makes it now."""
    with _changed:
        issued = LEASES.take(prescription_id, now)
        if issued is not None:
            _held.add(prescription_id)
    return issued


def _let_go(prescription_id: int) -> None:
    with _changed:
        _held.discard(prescription_id)
        _changed.notify_all()


def _finish(issued: Prescription, sha256: str, now: datetime) -> None:
    with write():
        bump(issued.visit.session)  # the patient's page has it at once
        if LEASES.done(issued, sha256=sha256, stored_at=now, next_at=None, failure=""):
            record(PrescriptionStored(visit=issued.visit.uid, number=issued.number), issued.uid, by=SYSTEM, now=now)


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
