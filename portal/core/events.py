"""What happened, recorded with the change itself, delivered to listeners after commit: at least once each."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import cast

import peewee
import structlog

from portal.core import audit, jobs
from portal.core.audit import Actor
from portal.core.crash import crashpoint
from portal.core.db import BaseModel, UidModel, UTCDateTimeField, claim, joined, write
from portal.core.prepared import Prepared, insert

LEASE = timedelta(seconds=60)
LOST_AFTER = timedelta(seconds=5)
MAX_TRIES = 12
log = structlog.get_logger(__name__)


class Event(UidModel):
    """One thing that happened: a past-tense name, the uid of what it happened to, ids and plain values."""

    name = peewee.CharField(max_length=60, index=True)
    subject = peewee.CharField(max_length=40, index=True)
    at = UTCDateTimeField()
    by_kind = peewee.CharField(max_length=10)
    by_uid = peewee.CharField(max_length=22)
    data = peewee.JSONField()
    delivered_at = UTCDateTimeField(null=True, index=True)


class Delivery(BaseModel):
    """One event for one listener: claimed under a lease, done once."""

    event = peewee.ForeignKeyField(Event, backref="deliveries", on_delete="CASCADE")
    listener = peewee.CharField(max_length=60)
    lease_until = UTCDateTimeField(null=True)
    next_at = UTCDateTimeField()
    tries = peewee.IntegerField(default=0)
    done_at = UTCDateTimeField(null=True)
    error = peewee.CharField(max_length=200, default="")

    class Meta:
        indexes = ((("event", "listener"), True),)


Listener = Callable[[Event, datetime], None]
_listeners: dict[str, dict[str, Listener]] = {}


def _nobody(event: Event) -> dict[str, Listener]:
    return {}


_outside: Callable[[Event], dict[str, Listener]] = _nobody


def listener(*names: str) -> Callable[[Listener], Listener]:
    """Register a function of (event, now) for events of these names. It must bear to be called twice."""

    def register(function: Listener) -> Listener:
        key = f"{function.__module__.split('.')[2]}.{function.__name__}"
        for name in names:
            _listeners.setdefault(name, {})[key] = function
        return function

    return register


def connect_plugins(listeners_of: Callable[[Event], dict[str, Listener]]) -> None:
    """Say which listeners outside the core hear an event (the plugin registry does)."""
    global _outside
    _outside = listeners_of


def record(name: str, subject: str, *, by: Actor, now: datetime, **data: object) -> Event:
    """Append an event and its audit row to the present transaction; delivery follows the commit."""
    with joined():
        event = insert(Event(name=name, subject=subject, at=now, by_kind=by.kind, by_uid=by.uid, data=data))
        audit.note(name, subject, by=by, now=now, **data)
        crashpoint("events.before_commit")
        jobs.enqueue(deliver, event.id)
        return event


@Prepared
def _by_id(event: object) -> peewee.Select:
    return Event.select().where(Event.id == event)


@Prepared
def _delivery(event: object, name: object) -> peewee.Select:
    return Delivery.select().where((Delivery.event == event) & (Delivery.listener == name))


@jobs.job
def deliver(event_id: int, now: datetime) -> None:
    """Call every listener of an event that has not had it yet; the event is done when all are."""
    event = _by_id.first(event_id)
    if event is None or event.delivered_at is not None:
        return
    listeners = _listeners.get(event.name, {}) | _outside(event)
    pending = [name for name, call in listeners.items() if not _deliver_to(event, name, call, now)]
    if not pending:
        claim(Event.update(delivered_at=now).where(Event.id == event.id))


def _deliver_to(event: Event, name: str, call: Listener, now: datetime) -> bool:
    """True when this listener needs nothing more."""
    with write():  # one transaction: in a rush each commit is a wait at the gate
        row = _delivery.first(event, name) or _new_delivery(event, name, now)
        if row.done_at or row.tries >= MAX_TRIES:
            return True
        if not _take(row, now):
            return False
    return _call(event, row, call, now)


def _new_delivery(event: Event, name: str, now: datetime) -> Delivery:
    """The row of this listener; two workers that come at once share one."""
    Delivery.insert(event=event, listener=name, next_at=now).on_conflict_ignore().execute()
    return cast(Delivery, _delivery.first(event, name))


def _take(row: Delivery, now: datetime) -> bool:
    free = (Delivery.lease_until.is_null() | (Delivery.lease_until < now)) & (Delivery.next_at <= now)
    take = Delivery.update(lease_until=now + LEASE, tries=Delivery.tries + 1)
    return claim(take.where((Delivery.id == row.id) & Delivery.done_at.is_null() & free))


def _call(event: Event, row: Delivery, call: Listener, now: datetime) -> bool:
    try:
        call(event, now)
    except Exception as error:  # noqa: BLE001 whatever a listener raises, it is tried again
        log.warning(
            "listener_failed",
            event_name=event.name,
            event_uid=event.uid,
            listener=row.listener,
            error=type(error).__name__,
        )
        wait = timedelta(seconds=min(2 ** (row.tries + 1), 900))
        Delivery.update(lease_until=None, next_at=now + wait, error=type(error).__name__).where(
            Delivery.id == row.id
        ).execute()
        return False
    claim(Delivery.update(done_at=now, lease_until=None).where(Delivery.id == row.id))
    return True


@jobs.sweep(every=2)
def sweep_undelivered(now: datetime) -> None:
    """Deliver what a crash or a lost queue left behind."""
    late = Event.select(Event.id).where(Event.delivered_at.is_null() & (Event.at < now - LOST_AFTER))
    for event in late.order_by(Event.id).limit(200):
        deliver(event.id, now)
