"""Rate limits: attempts counted per bucket in the database, shared by all processes and kept across restarts."""

import math
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

import peewee

from portal.base.clock import SKEW
from portal.store.db import BaseModel, UTCDateTimeField, one_at_a_time, write
from portal.work import jobs


class Attempt(BaseModel):
    """One counted attempt in a bucket such as otp:+919876543210 or address:203.0.113.0/24."""

    bucket = peewee.CharField(max_length=80)
    at = UTCDateTimeField()

    class Meta:
        indexes = ((("bucket", "at"), False),)


KEPT = timedelta(days=2)
UNDECIDED = timedelta(seconds=30)  # how long an undecided guess counts as an attempt
OPEN = "?"
DOUBLINGS = 3


def hit(bucket: str, *, now: datetime) -> Attempt:
    """Count one attempt."""
    return Attempt.create(bucket=bucket, at=now)


def begin(bucket: str, *, now: datetime) -> Attempt:
    """Count a guess before it is compared, so that concurrent guesses cannot share a try.

    It counts for UNDECIDED, then only if it was decided to be wrong: a right guess whose answer was lost in a crash
    costs no try.
    """
    return hit(bucket + OPEN, now=now)


def decide(attempts: list[Attempt]) -> None:
    """Mark these guesses as wrong: from now on they count as ordinary attempts."""
    for attempt in attempts:
        Attempt.update(bucket=attempt.bucket.removesuffix(OPEN)).where(Attempt.id == attempt.id).execute()


def count(bucket: str, *, within: timedelta, now: datetime) -> int:
    """Count the bucket's attempts in the time window; ignore those in the future, from before a clock was set back."""
    decided = (Attempt.bucket == bucket) & (Attempt.at > now - within)
    undecided = (Attempt.bucket == bucket + OPEN) & (Attempt.at > now - min(within, UNDECIDED))
    return int(Attempt.select().where((decided | undecided) & (Attempt.at <= now + SKEW)).count())


def wait(bucket: str, *, free: int, within: timedelta, pace: timedelta, now: datetime) -> int:
    """Return the seconds until the next attempt: 0 for the first `free`, then `pace`, doubled after each `free`.

    An exponential back-off rather than a lockout, as a crowd may share one address (carrier NAT).
    """
    counted = count(bucket, within=within, now=now)
    if counted < free:
        return 0
    gap = pace * 2 ** min(counted // free - 1, DOUBLINGS)
    known = Attempt.bucket.in_((bucket, bucket + OPEN)) & (Attempt.at <= now + SKEW)
    newest = Attempt.select(Attempt.at).where(known)
    left: timedelta = newest.order_by(Attempt.at.desc()).get().at + gap - now
    return max(0, math.ceil(left.total_seconds()))


def take_turn(bucket: str, *, within: timedelta, now: datetime) -> bool:
    """Take the turn of beginning something, on one of all workers. False when it was taken within this time."""
    with write():
        one_at_a_time(bucket)
        if count(bucket, within=within, now=now):
            return False
        hit(bucket, now=now)
        return True


def give_back(attempts: list[Attempt]) -> None:
    """Uncount these attempts: the guesses were right."""
    Attempt.delete().where(Attempt.id.in_([attempt.id for attempt in attempts])).execute()


def forget(bucket: str) -> None:
    """Reset the bucket after a success."""
    Attempt.delete().where(Attempt.bucket == bucket).execute()


def network(address: str) -> str:
    """Return an address's network for rate limits: /24 of IPv4, /48 of IPv6; other texts stand for themselves."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:20]
    plain = getattr(found, "ipv4_mapped", None) or found
    return str(ip_network(f"{plain}/{24 if plain.version == 4 else 48}", strict=False))


@jobs.sweep(every=3600)
def sweep_attempts(now: datetime) -> None:
    """Delete attempts that have left every time window."""
    Attempt.delete().where(Attempt.at < now - KEPT).execute()
