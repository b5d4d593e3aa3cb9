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
UNDECIDED = timedelta(seconds=30)  # so long a guess counts before it is known whether it was wrong
OPEN = "?"
DOUBLINGS = 3


def hit(bucket: str, *, now: datetime) -> Attempt:
    """Count one attempt."""
    return Attempt.create(bucket=bucket, at=now)


def begin(bucket: str, *, now: datetime) -> Attempt:
    """Count a guess before it is compared, so that parallel ones cannot share a try.

    It counts for half a minute; then only if it was decided. Who is right and gets no answer, because the database went
    away or the process died, has lost no try.
    """
    return hit(bucket + OPEN, now=now)


def decide(attempts: list[Attempt]) -> None:
    """These guesses were wrong: they count as long as any."""
    for attempt in attempts:
        Attempt.update(bucket=attempt.bucket.removesuffix(OPEN)).where(Attempt.id == attempt.id).execute()


def count(bucket: str, *, within: timedelta, now: datetime) -> int:
    """Attempts in the bucket in the time before now; those of a clock that was set back since count no more."""
    decided = (Attempt.bucket == bucket) & (Attempt.at > now - within)
    undecided = (Attempt.bucket == bucket + OPEN) & (Attempt.at > now - min(within, UNDECIDED))
    return int(Attempt.select().where((decided | undecided) & (Attempt.at <= now + SKEW)).count())


def wait(bucket: str, *, free: int, within: timedelta, pace: timedelta, now: datetime) -> int:
    """Seconds until the next attempt: none for the first `free`, then one each `pace`, which doubles with each `free`.

    So a crowd behind one address is slowed and nobody is walled off.
    """
    counted = count(bucket, within=within, now=now)
    if counted < free:
        return 0
    gap = pace * 2 ** min(counted // free - 1, DOUBLINGS)
    known = Attempt.bucket.in_((bucket, bucket + OPEN)) & (Attempt.at <= now + SKEW)
    newest = Attempt.select(Attempt.at).where(known)
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
