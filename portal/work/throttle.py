"""Counted attempts per bucket, in the database: all processes count together, nothing is lost with a cache."""

import math
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

import peewee

from portal.base.clock import SKEW
from portal.store.db import BaseModel, UTCDateTimeField
from portal.work import jobs


class Attempt(BaseModel):
    """One counted attempt in a bucket such as otp:+919876543210 or address:203.0.113.0/24."""

    bucket = peewee.CharField(max_length=80)
    at = UTCDateTimeField()

    class Meta:
        indexes = ((("bucket", "at"), False),)


KEPT = timedelta(days=2)
DOUBLINGS = 3


def hit(bucket: str, *, now: datetime) -> Attempt:
    """Count one attempt."""
    return Attempt.create(bucket=bucket, at=now)


def count(bucket: str, *, within: timedelta, now: datetime) -> int:
    """Attempts in the bucket in the time before now; those of a clock that was set back since count no more."""
    recent = (Attempt.at > now - within) & (Attempt.at <= now + SKEW)
    return int(Attempt.select().where((Attempt.bucket == bucket) & recent).count())


def wait(bucket: str, *, free: int, within: timedelta, pace: timedelta, now: datetime) -> int:
    """Seconds until the next attempt: none for the first `free`, then one each `pace`, which doubles with each `free`.

    So a crowd behind one address is slowed and nobody is walled off.
    """
    counted = count(bucket, within=within, now=now)
    if counted < free:
        return 0
    gap = pace * 2 ** min(counted // free - 1, DOUBLINGS)
    newest = Attempt.select(Attempt.at).where((Attempt.bucket == bucket) & (Attempt.at <= now + SKEW))
    left: timedelta = newest.order_by(Attempt.at.desc()).get().at + gap - now
    return max(0, math.ceil(left.total_seconds()))


def give_back(attempts: list[Attempt]) -> None:
    """Take these attempts off the count: they were right."""
    Attempt.delete().where(Attempt.id.in_([attempt.id for attempt in attempts])).execute()


def forget(bucket: str) -> None:
    """Begin the bucket anew: who counted in it has proven to be right."""
    Attempt.delete().where(Attempt.bucket == bucket).execute()


def network(address: str) -> str:
    """The network an address belongs to: /24 of IPv4, /48 of IPv6. What is no address is a network of its own."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:20]
    plain = getattr(found, "ipv4_mapped", None) or found
    return str(ip_network(f"{plain}/{24 if plain.version == 4 else 48}", strict=False))


@jobs.sweep(every=3600)
def sweep_attempts(now: datetime) -> None:
    """Forget attempts that no limit looks at any more."""
    Attempt.delete().where(Attempt.at < now - KEPT).execute()
