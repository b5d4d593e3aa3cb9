"""Events (transactional outbox): recorded with the change, delivered to listeners after commit, at least once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee
import structlog

from portal.base.crash import crashpoint
from portal.store.db import BaseModel, UidModel, UTCDateTimeField, claim, joined, write
from portal.store.prepared import Prepared, insert
from portal.work import audit, cause, jobs
from portal.work.audit import Actor
from portal.work.catalogue import CATALOGUE, DomainEvent, name_of
from portal.work.leases import BackOff, Leases
from portal.work.names import refuse_second

LEASE = timedelta(seconds=60)
LOST_AFTER = timedelta(seconds=4)  # an event the queue has not delivered by then is enqueued again by the sweep
REDISPATCH_AFTER = timedelta(seconds=30)
LEFT_TO_NEWER = timedelta(hours=1)
AT_ONCE = 200
KEPT, FORGOTTEN_AT_ONCE = timedelta(days=30), 2000  # deliveries, a minute: three million a day
MAX_TRIES = 12
log = structlog.get_logger(__name__)


class Event(UidModel):
    """A stored event: name and data of a `DomainEvent`, and the uid of its subject.

    Pending, it has `next_at`, the time of the next try; in the end `delivered_at`, or `dead_at` (a dead letter) when a
    listener used up its retries: then a person must have it retried. `request_id`: of the request that caused it.
    """

    name = peewee.CharField(max_length=60, index=True)
    subject = peewee.CharField(max_length=40, index=True)
    at = UTCDateTimeField()
    by_kind = peewee.CharField(max_length=10)
    by_uid = peewee.CharField(max_length=22)
    data = peewee.JSONField()
    delivered_at = UTCDateTimeField(null=True, index=True)
    next_at = UTCDateTimeField(null=True, index=True)
    dead_at = UTCDateTimeField(null=True, index=True)
    request_id = peewee.CharField(max_length=cause.LONGEST_ID, default="")

    @property
    def reference(self) -> str:
        """The end of the request's id, by which its lines are found in the log."""
        return cause.end_of(self.request_id)


class Delivery(BaseModel):
    """Delivery of one event to one listener, worked on under a lease."""

    event = peewee.ForeignKeyField(Event, backref="deliveries", on_delete="CASCADE")
    listener = peewee.CharField(max_length=60)
    lease_until = UTCDateTimeField(null=True)
    next_at = UTCDateTimeField()
    tries = peewee.IntegerField(default=0)
    done_at = UTCDateTimeField(null=True)
    error = peewee.CharField(max_length=200, default="")

    class Meta:
        indexes = ((("event", "listener"), True),)


LEASES = Leases(Delivery, LEASE, BackOff(first=2, longest=900), is_open=Delivery.done_at.is_null(), most=MAX_TRIES)

Listener = Callable[[Event, datetime], None]
_listeners: dict[str, dict[str, Listener]] = {}


def _nobody(event: Event) -> dict[str, Listener]:
    return {}


_plugin_listeners: Callable[[Event], dict[str, Listener]] = _nobody


def listener(*kinds: type[DomainEvent]) -> Callable[[Listener], Listener]:
    """Register a function of (stored event, now) for these events. Must be idempotent: delivery is at least once.

    Raises NameTaken when another listener of the event has the same room and name, the key of its deliveries.
    """
    names = [name_of(kind) for kind in kinds]

    def register(function: Listener) -> Listener:
        key = f"{function.__module__.split('.')[2]}.{function.__name__}"
        for name in names:
            heard = _listeners.setdefault(name, {})
            refuse_second(f"listeners of {name}", key, function, heard.get(key))
            heard[key] = function
        return function

    return register


def listeners_of(name: str) -> list[str]:
    """List the keys of the core's listeners of an event."""
    return sorted(_listeners.get(name, {}))


def connect_plugins(listeners_of: Callable[[Event], dict[str, Listener]]) -> None:
    """Set the lookup of the plugins' listeners of an event (the plugin registry does)."""
    global _plugin_listeners
    _plugin_listeners = listeners_of


def record(what: DomainEvent, subject: str, *, by: Actor, now: datetime) -> Event:
    """Store an event and its audit row in the current transaction; delivery follows the commit."""
    name, data = name_of(type(what)), what.data()
    with joined():
        event = insert(
            Event(
                name=name,
                subject=subject,
                at=now,
                by_kind=by.kind,
                by_uid=by.uid,
                data=data,
                next_at=now + LOST_AFTER,
                request_id=cause.request_id(),
            )
        )
        audit.note(name, subject, by=by, now=now, **data)
        crashpoint("events.before_commit")
        jobs.enqueue(deliver, event.id)
        return event


@dataclass(frozen=True)
class Outcome:
    """Outcome of one delivery: done, or to be retried at `again`; neither: out of retries."""

    is_done: bool
    again: datetime | None = None


@Prepared
def _by_id(event: object) -> peewee.Select:
    return Event.select().where(Event.id == event)


@Prepared
def _deliveries(event: object) -> peewee.Select:
    return Delivery.select().where(Delivery.event == event)


@jobs.in_lane("events")
def deliver(event_id: int, now: datetime) -> None:
    """Deliver to the core's listeners that lack the event; plugins' listeners have a queue of their own."""
    event = _pending(event_id, now)
    if event is None:
        return
    outcomes = _call_all(event, _listeners.get(event.name, {}), now)
    if _plugin_listeners(event):
        jobs.enqueue(deliver_outside, event.id)
    else:
        _finish(event, outcomes, now)


@jobs.in_lane("plugins")
def deliver_outside(event_id: int, now: datetime) -> None:
    """Deliver to plugins too, in their own queue: a slow one does not delay texts and calls of the clinic."""
    event = _pending(event_id, now)
    if event is not None:
        _finish(event, _call_all(event, _listeners.get(event.name, {}) | _plugin_listeners(event), now), now)


@jobs.sweep(every=2)
def sweep_undelivered(now: datetime) -> None:
    """Re-enqueue events that are due for a retry or were lost, the oldest first, so that failing ones block nobody."""
    due = Event.select(Event.id).where(Event.next_at <= now).order_by(Event.next_at, Event.id).limit(AT_ONCE)
    found = [event.id for event in due]
    with write():
        Event.update(next_at=now + REDISPATCH_AFTER).where(Event.id.in_(found) & (Event.next_at <= now)).execute()
        for event_id in found:
            jobs.enqueue(deliver, event_id)


@jobs.sweep(every=60)
def sweep_delivered(now: datetime) -> None:
    """Delete the deliveries of events that all listeners have had for KEPT; the event stays."""
    is_old = Event.delivered_at <= now - KEPT
    last = Event.select(Event.id).where(is_old).order_by(Event.delivered_at.desc(), Event.id.desc()).first()
    if last is not None:  # the others are not read: of old events only those are left that failed
        done = Delivery.select(Delivery.id).join(Event).where((Delivery.event <= last) & is_old)
        found = [row.id for row in done.order_by(Delivery.event).limit(FORGOTTEN_AT_ONCE)]
        Delivery.delete().where(Delivery.id.in_(found)).execute()


def count_pending() -> int:
    """Count the pending events: neither delivered nor dead."""
    return int(Event.select().where(Event.next_at.is_null(False)).count())


def dead() -> peewee.Select:
    """Select the dead letters, the newest first."""
    return Event.select().where(Event.dead_at.is_null(False)).order_by(Event.dead_at.desc(), Event.id.desc())


def failures(event: Event) -> list[Delivery]:
    """List an event's failed deliveries."""
    return list(Delivery.select().where((Delivery.event == event) & Delivery.done_at.is_null()))


def try_again(event: Event, *, by: Actor, now: datetime) -> bool:
    """Retry a dead letter, with a fresh count of tries. False when somebody else just did (compare-and-set)."""
    with write():
        mine = (Event.id == event.id) & Event.dead_at.is_null(False)
        if not claim(Event.update(dead_at=None, next_at=now).where(mine)):
            return False
        fresh = Delivery.update(tries=0, next_at=now, lease_until=None)
        fresh.where((Delivery.event == event) & Delivery.done_at.is_null()).execute()
        audit.note("EventTriedAgain", event.uid, by=by, now=now)
        jobs.enqueue(deliver, event.id)
    return True


def try_all_again(*, by: Actor, now: datetime) -> int:
    """Retry every dead letter; returns how many."""
    return sum(try_again(event, by=by, now=now) for event in list(dead()))


def settle_pending(listeners: str, *, now: datetime) -> None:
    """Count every pending event as delivered to the listeners whose keys begin so: they are not called any more."""
    for event in list(Event.select().where(Event.next_at.is_null(False) | Event.dead_at.is_null(False))):
        for name in listeners_of(event.name):
            if name.startswith(listeners):
                Delivery.insert(event=event, listener=name, next_at=now, done_at=now).on_conflict(
                    conflict_target=[Delivery.event, Delivery.listener], update={Delivery.done_at: now}
                ).execute()


def _pending(event_id: int, now: datetime) -> Event | None:
    """Return the event that is to be delivered.

    One that is not in the catalogue is left for a while to a newer version beside this one (safety.md F38).
    """
    event: Event | None = _by_id.first(event_id)
    if event is None or event.next_at is None:
        return None
    return event if event.name in CATALOGUE or now - event.at > LEFT_TO_NEWER else None


def _call_all(event: Event, listeners: Mapping[str, Listener], now: datetime) -> list[Outcome]:
    had = {row.listener: row for row in _deliveries.all(event.id)}
    with cause.of(event.request_id, event_name=event.name):
        return [_deliver_to(event, had.get(name), name, call, now) for name, call in listeners.items()]


def _deliver_to(event: Event, row: Delivery | None, name: str, call: Listener, now: datetime) -> Outcome:
    if row is None or not (row.done_at or LEASES.is_dead(row, now)):
        with write():  # one transaction: under load each commit waits for the write lock
            row = row or _new_delivery(event, name, now)
            is_mine = LEASES.claim(row, now)
        if is_mine:
            return _call(event, row, call, now)
        row = Delivery.get_by_id(row.id)  # leased by another worker, or backing off
    if row.done_at or LEASES.is_dead(row, now):
        return Outcome(is_done=row.done_at is not None)
    return Outcome(is_done=False, again=max(row.next_at, row.lease_until or row.next_at))


def _new_delivery(event: Event, name: str, now: datetime) -> Delivery:
    """Get or create this listener's row; concurrent workers share one."""
    Delivery.insert(event=event, listener=name, next_at=now).on_conflict_ignore().execute()
    return Delivery.get((Delivery.event == event) & (Delivery.listener == name))


def _call(event: Event, row: Delivery, call: Listener, now: datetime) -> Outcome:
    try:
        call(event, now)
    except Exception as error:  # noqa: BLE001 retry whatever a listener raises
        return _failed(event, row, error, now)
    LEASES.done(row, done_at=now)
    return Outcome(is_done=True)


def _failed(event: Event, row: Delivery, error: Exception, now: datetime) -> Outcome:
    kind = type(error).__name__
    log.warning("listener_failed", event_name=event.name, event_uid=event.uid, listener=row.listener, error=kind)
    again = LEASES.later(row, now, error=kind)
    return Outcome(is_done=False, again=None if row.tries >= MAX_TRIES else again)


def _finish(event: Event, outcomes: list[Outcome], now: datetime) -> None:
    """Mark the event delivered when every listener is done, dead when none is left to retry, else due again."""
    waits = [outcome.again for outcome in outcomes if outcome.again]
    on_its_way = (Event.id == event.id) & Event.next_at.is_null(False)
    if waits:
        claim(Event.update(next_at=min(waits)).where(on_its_way))
    elif all(outcome.is_done for outcome in outcomes):
        claim(Event.update(delivered_at=now, next_at=None).where(on_its_way))
    elif claim(Event.update(dead_at=now, next_at=None).where(on_its_way)):
        log.error("event_dead", event_name=event.name, event_uid=event.uid)
