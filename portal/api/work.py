"""Events, the audit chain, background jobs and periodic sweeps, leases with retries, rate limits."""

from datetime import datetime

from portal.work import events, throttle
from portal.work.audit import SYSTEM, Actor, note
from portal.work.catalogue import DomainEvent
from portal.work.jobs import enqueue, in_lane, sweep
from portal.work.leases import BackOff, Leases
from portal.work.throttle import count as attempts_within

__all__ = [
    "SYSTEM",
    "Actor",
    "BackOff",
    "DomainEvent",
    "Leases",
    "attempts_within",
    "count_attempt",
    "enqueue",
    "in_lane",
    "note",
    "record",
    "sweep",
]


def record(what: DomainEvent, subject: str, *, by: Actor, now: datetime) -> None:
    """Record an event and its audit row within write(); it is delivered after the commit, at least once.

    `subject` is the uid of what the event is about; the fields of your DomainEvent hold no personal data.
    """
    events.record(what, subject, by=by, now=now)


def count_attempt(bucket: str, *, now: datetime) -> None:
    """Count one attempt for a rate limit; the bucket is a text of your own such as `<plugin>:webhook`."""
    throttle.hit(bucket, now=now)
