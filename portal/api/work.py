"""What is written down and done later: events, the audit chain, jobs and sweeps, counting attempts."""

from portal.work.audit import SYSTEM, Actor, note
from portal.work.catalogue import DomainEvent
from portal.work.events import record
from portal.work.jobs import enqueue, in_lane, sweep
from portal.work.throttle import count as attempts_within
from portal.work.throttle import hit as count_attempt

__all__ = [
    "SYSTEM",
    "Actor",
    "DomainEvent",
    "attempts_within",
    "count_attempt",
    "enqueue",
    "in_lane",
    "note",
    "record",
    "sweep",
]
