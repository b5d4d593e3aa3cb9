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
from portal.store.db import claim, write
from portal.work import jobs
from portal.work.audit import SYSTEM
from portal.work.events import record

# Taken when a child is free, so it needs to be no longer than a child may take. Only kill -9 and a power cut leave it.
LEASE = timedelta(seconds=pdf.SECONDS + 15)
# The wait after the first failed try, the second, and so on; the last one for all that follow.
WAITS = [timedelta(seconds=seconds) for seconds in (0, 5, 15, 60, 300)]
SWEEP_SECONDS = 5.0  # other sweeps wait meanwhile
STOP_SECONDS = 5.0
# A missing library or a full disk is told in its own words; other texts may speak of the patient.
_TOLD = ("ImportError", "ModuleNotFoundError", "OSError")
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
    free = Prescription.lease_until.is_null() | (Prescription.lease_until < now)
    due = Prescription.next_at.is_null() | (Prescription.next_at <= now)
    late = Prescription.issued_at < now - timedelta(seconds=5)
    waiting = Prescription.select(Prescription.id).where(Prescription.stored_at.is_null() & free & due & late)
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
    free = Prescription.lease_until.is_null() | (Prescription.lease_until < now)
    due = Prescription.next_at.is_null() | (Prescription.next_at <= now)
    mine = (Prescription.id == prescription_id) & Prescription.stored_at.is_null() & free & due
    with _changed:
        if not claim(Prescription.update(lease_until=now + LEASE).where(mine)):
            return None
        _held.add(prescription_id)
    found: Prescription = Prescription.get_by_id(prescription_id)
    return found


def _let_go(prescription_id: int) -> None:
    with _changed:
        _held.discard(prescription_id)
        _changed.notify_all()


def _finish(issued: Prescription, sha256: str, now: datetime) -> None:
    with write():
        bump(issued.visit.session)  # the patient's page has it at once
        done = Prescription.update(sha256=sha256, stored_at=now, lease_until=None, next_at=None, failure="")
        if claim(done.where((Prescription.id == issued.id) & Prescription.stored_at.is_null())):
            record(PrescriptionStored(visit=issued.visit.uid, number=issued.number), issued.uid, by=SYSTEM, now=now)


def _give_back(issued: Prescription, error: BaseException, now: datetime) -> None:
    tries, reason = issued.tries + 1, _reason(error)
    wait = WAITS[min(tries, len(WAITS)) - 1]
    log.error(
        "prescription_not_made", prescription=issued.uid, tries=tries, again_in=wait.total_seconds(), reason=reason
    )
    again = Prescription.update(lease_until=None, tries=tries, next_at=now + wait, failure=reason[:200])
    with write():
        again.where((Prescription.id == issued.id) & Prescription.stored_at.is_null()).execute()
        if tries == STUCK_AFTER:
            bump(issued.visit.session)  # the patient's page says so
            record(PrescriptionStuck(visit=issued.visit.uid, number=issued.number), issued.uid, by=SYSTEM, now=now)
        if not wait:
            jobs.enqueue(make_pdf, issued.id)


def _reason(error: BaseException) -> str:
    if isinstance(error, ChildFailed | OSError):
        return str(error)
    if isinstance(error, WorkFailed):
        return str(error) if error.kind in _TOLD else error.kind
    return type(error).__name__
