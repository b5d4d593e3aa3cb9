"""Outbox of documents: in order for each patient, each version once; a failing document blocks no other patient."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from peewee import fn

from portal.api import clock, plugin
from portal.api.base import PortalError
from portal.api.dispensings import dispensing_of
from portal.api.documents import GIVEN_NAMED, SHARING, has_agreed, record_of
from portal.api.storage import claim, one_at_a_time, write
from portal.api.work import SYSTEM, Actor, BackOff, Leases, enqueue, in_lane, record, sweep
from portal.contracts import BridgeReceipt, DocumentRef, GatewayError, VisitRecord

from . import endpoint, marks
from .fhir.check import problems
from .fhir.dispensed import transaction
from .fhir.documents import document
from .fhir.draft import Sender
from .models import DocumentDropped, DocumentRefused, DocumentResent, DocumentSent, Outgoing
from .settings import NAME, Settings

LEASE = timedelta(seconds=90)
MAX_TRIES = 8
SEND_SECONDS = 25.0
BATCH = 50
LEASES = Leases(
    Outgoing,
    LEASE,
    BackOff(first=20, longest=900),
    is_open=Outgoing.state == "waiting",
    counts_taking=False,
)
NAMESPACE = "namespace"
KINDS = ("prescription", "visit")  # that are documents
DISPENSING = "dispensing"
log = structlog.get_logger(__name__)


class Unsendable(Exception):
    """Raised when this document can never be sent as it is; the text says why."""


class Dropped(Exception):
    """Raised when the patient has withdrawn the consent."""


def queue(wanted: DocumentRef, *, now: datetime) -> BridgeReceipt:
    """Queue a document. Idempotent for each version that the clinic makes of it."""
    with write():
        one_at_a_time(f"{wanted.kind} {wanted.visit_uid}")
        same = (Outgoing.kind == wanted.kind) & (Outgoing.visit_uid == wanted.visit_uid)
        row = Outgoing.get_or_none(same & (Outgoing.source_version == wanted.version))
        row = row or _create(wanted.kind, wanted.visit_uid, wanted.patient_uid, wanted.version, now)
        enqueue(send_documents, row.id)
    return BridgeReceipt(row.uid, "sent" if row.state == "sent" else "queued")


def queue_dispensing(uid: str, *, now: datetime) -> None:
    """Queue a dispensing of a patient who agreed, and once more when it is reversed. Idempotent for each state."""
    given = dispensing_of(uid)
    if not plugin.settings(NAME, Settings).dispensings or not _agrees(DISPENSING, given.patient_uid):
        return
    state = 2 if given.reversed_at else 1
    with write():
        one_at_a_time(f"{DISPENSING} {given.visit_uid}")
        same = (Outgoing.kind == DISPENSING) & (Outgoing.subject == uid) & (Outgoing.source_version == state)
        row = Outgoing.get_or_none(same)
        row = row or _create(DISPENSING, given.visit_uid, given.patient_uid, state, now, subject=uid)
        enqueue(send_documents, row.id)


def queue_again(row: Outgoing, *, by: Actor, now: datetime) -> None:
    """Send a sent document again, as a new version; retry a failed one. Nothing changes for one that is waiting."""
    with write():
        one_at_a_time(f"{row.kind} {row.visit_uid}")
        if row.state == "sent":
            row = _create(row.kind, row.visit_uid, row.patient_uid, row.source_version, now, subject=row.subject)
        else:
            fresh = Outgoing.update(state="waiting", tries=0, next_at=now, error="", ended_at=None)
            if not claim(fresh.where((Outgoing.id == row.id) & Outgoing.state.in_(["dead", "dropped"]))):
                return
        record(DocumentResent(row.kind, row.visit_uid, row.version, row.uid), row.visit_uid, by=by, now=now)


@in_lane("bridge")
def send_documents(row_id: int, now: datetime) -> None:
    """Send due documents for a while; the next sweep goes on. One worker at a time, under a lease."""
    settings = plugin.settings(NAME, Settings) if plugin.is_on(NAME) else None
    if settings is None or not settings.fhir_url or not marks.take_lease("pump", LEASE, now=now):
        return
    try:
        _send_backlog(settings, clock.monotonic() + SEND_SECONDS)
    finally:
        marks.release_lease("pump")


@sweep(every=5)
def sweep_waiting(now: datetime) -> None:
    """Enqueue the sender when something is due, while the plugin is on."""
    if plugin.is_on(NAME) and (first := due(now, 1)):
        enqueue(send_documents, first[0].id)


def due(now: datetime, most: int) -> list[Outgoing]:
    """Return the first waiting document of each patient that is due, oldest first."""
    first = Outgoing.select(fn.MIN(Outgoing.id)).where(Outgoing.state == "waiting").group_by(Outgoing.patient_uid)
    rows = Outgoing.select().where(Outgoing.id.in_(first) & LEASES.waiting(now))
    return list(rows.order_by(Outgoing.id).limit(most))


def _send_backlog(settings: Settings, until: float) -> None:
    while (left := marks.remaining("minute", settings.per_minute, now=clock.now())) > 0:
        rows = due(clock.now(), min(left, BATCH))
        for row in rows:
            marks.count("minute", now=clock.now())
            if clock.monotonic() > until or not _send(row, settings, clock.now()):
                return
        if not rows:
            return


def _send(row: Outgoing, settings: Settings, now: datetime) -> bool:
    """Send one document. False when the endpoint is down, so that nothing else need be tried now."""
    if not LEASES.claim(row, now):
        return True
    try:
        send = endpoint.transact if row.kind == DISPENSING else endpoint.post
        _end(row, "sent", now, reference=send(settings, _compose(row, settings, now)))
        marks.set_mark("sent", now=now)
    except endpoint.EndpointDown as down:
        LEASES.later(row, now, counted=False, error=str(down)[:200])
        marks.set_mark("away", now=now, text=str(down))
        return False
    except Dropped:
        _end(row, "dropped", now)
    except Exception as error:  # noqa: BLE001 whatever is wrong with one document, the others go on
        _failed(row, error, now)
    return True


def _compose(row: Outgoing, settings: Settings, now: datetime) -> dict[str, object]:
    """Compose the document as of now. Raises Dropped, Unsendable, or PortalError when it is not ready yet."""
    if not _agrees(row.kind, row.patient_uid):
        raise Dropped
    if row.kind == DISPENSING:
        made = transaction(dispensing_of(row.subject), sender(settings))
    else:
        facts = replace(record_of(row.visit_uid, by=SYSTEM, now=now), version=row.version)
        made = document(row.kind, facts, sender(settings))
    if found := problems(made):
        raise Unsendable(f"{found[0].where}: {found[0].text}")
    return made


def _agrees(kind: str, patient_uid: str) -> bool:
    """Is there a consent whose text names this kind?"""
    return has_agreed(patient_uid, SHARING, named_in=GIVEN_NAMED if kind == DISPENSING else "")


def as_text(record: VisitRecord, kind: str) -> str:
    """Export a documented visit (a kind of KINDS): its Bundle as JSON."""
    return json.dumps(document(kind, record, sender(plugin.settings(NAME, Settings))), ensure_ascii=False, indent=1)


def sender(settings: Settings) -> Sender:
    """Return who we are, in documents."""
    return Sender(settings.namespace or _first_address(), settings.facility_id)


def _first_address() -> str:
    """Return the portal's URL as of the first document, for good: identifiers keep their namespace when the portal
    moves.
    """
    if known := marks.text(NAMESPACE):
        return known
    with write():
        one_at_a_time(NAMESPACE)
        if not marks.text(NAMESPACE):
            marks.set_mark(NAMESPACE, now=clock.now(), text=plugin.public_address())
        return marks.text(NAMESPACE)


def _failed(row: Outgoing, error: Exception, now: datetime) -> None:
    """Give up or retry: after many attempts while others were sent, the document itself is at fault."""
    never = isinstance(error, Unsendable) or (isinstance(error, GatewayError) and error.permanent)
    known = isinstance(error, Unsendable | GatewayError | PortalError)
    text = (str(error) if known else "") or type(error).__name__
    tries = row.tries + 1
    others = marks.at("sent")
    if never or (tries >= MAX_TRIES and others is not None and others > row.created_at):
        log.warning("document_dead", document=row.uid, error=type(error).__name__)
        _end(row, "dead", now, error=text[:200], tries=tries)
    else:
        LEASES.later(row, now, error=text[:200])


def _end(row: Outgoing, state: str, now: datetime, **values: object) -> None:
    kinds = {"sent": DocumentSent, "dead": DocumentRefused, "dropped": DocumentDropped}
    with write():
        if LEASES.done(row, state=state, ended_at=now, **values):
            record(kinds[state](row.kind, row.visit_uid, row.version, row.uid), row.visit_uid, by=SYSTEM, now=now)


def _create(
    kind: str, visit_uid: str, patient_uid: str, source_version: int, now: datetime, *, subject: str = ""
) -> Outgoing:
    same = (Outgoing.kind == kind) & (Outgoing.visit_uid == visit_uid)
    latest = Outgoing.select(fn.MAX(Outgoing.version)).where(same).scalar() or 0
    row: Outgoing = Outgoing.create(
        kind=kind,
        visit_uid=visit_uid,
        patient_uid=patient_uid,
        version=latest + 1,
        source_version=source_version,
        subject=subject,
        next_at=now,
        created_at=now,
    )
    return row
