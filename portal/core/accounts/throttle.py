"""Counted attempts per bucket, in the database, so that all processes count together and nothing is lost with a cache."""

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from portal.core import jobs
from portal.core.accounts.models import Attempt

KEPT = timedelta(days=2)


def hit(bucket: str, *, now: datetime) -> None:
    """Count one attempt."""
    Attempt.create(bucket=bucket[:80], at=now)


def count(bucket: str, *, since: datetime) -> int:
    """Attempts in the bucket since a moment."""
    return int(Attempt.select().where((Attempt.bucket == bucket[:80]) & (Attempt.at > since)).count())


def network(address: str) -> str:
    """The network an address belongs to: /24 of IPv4, /48 of IPv6. What is no address is a network of its own."""
    try:
        bits = 24 if ip_address(address).version == 4 else 48
        return str(ip_network(f"{address}/{bits}", strict=False))
    except ValueError:
        return address[:40]


@jobs.sweep(every=3600)
def sweep_attempts(now: datetime) -> None:
    """Forget attempts that no limit looks at any more."""
    Attempt.delete().where(Attempt.at < now - KEPT).execute()
