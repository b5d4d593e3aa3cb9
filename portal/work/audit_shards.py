"""Where the chains of the audit log end: one chain for each shard, so that no writer waits for another's row.

Whoever appends takes the first chain that nobody else is appending to, and keeps it until the transaction ends. SQLite
has one writer, and so one chain. Rows of a day are a stretch of the chain that can be verified by itself.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from json import dumps

import peewee

from portal.base import keys
from portal.store.db import BaseModel, is_sqlite, locked
from portal.store.prepared import Prepared

SHARDS = 64  # on PostgreSQL; more transactions at once than that wait for each other
PURPOSE = "audit end"


class AuditShard(BaseModel):
    """The end of one chain: its rows, the hash of the last one, the day it was written, and an HMAC of all that."""

    number = peewee.IntegerField(unique=True)
    day = peewee.DateField()
    rows = peewee.IntegerField()
    hash = peewee.CharField(max_length=64)
    seal = peewee.CharField(max_length=64)


class AuditDay(BaseModel):
    """Where a chain ended on a past day: from there the next day's rows are verified, without those before."""

    shard = peewee.IntegerField()
    day = peewee.DateField()
    rows = peewee.IntegerField()
    hash = peewee.CharField(max_length=64)

    class Meta:
        indexes = ((("shard", "day"), True),)


@dataclass(frozen=True)
class End:
    """The end of a chain, which this transaction may append to."""

    shard: int
    day: date
    rows: int
    hash: str


def count() -> int:
    """Return how many chains the database in use has."""
    return 1 if is_sqlite() else SHARDS


def take(today: date) -> End:
    """Return the end of a chain that is free, or of the one this transaction has; waits only when all are in use.

    The first row of a day notes where the day before ended. A clock that was set back stays in the newer day.
    """
    end = End(*(_free.first() or _waited_for.first(secrets.randbelow(count()))))
    if end.day >= today:
        return end
    if end.rows:
        AuditDay.insert(shard=end.shard, day=end.day, rows=end.rows, hash=end.hash).execute()
    return End(end.shard, today, end.rows, end.hash)


def take_all() -> list[End]:
    """Lock every chain until the transaction ends: no row is appended meanwhile."""
    return [End(*row) for row in locked(_ends()).tuples()]


def advance(end: End) -> None:
    """Store a chain's new end, sealed with the newest key."""
    _advance.execute(end.day, end.rows, end.hash, seal_of(end), end.shard)


def seal_of(end: End) -> str:
    """Compute the HMAC of a chain's end."""
    return keys.seal(PURPOSE, _sealed(end))


def is_sealed(end: End, seal: str) -> bool:
    """Verify the HMAC of a chain's end against every key of the ring."""
    return keys.is_seal(PURPOSE, _sealed(end), seal)


def any_is_sealed() -> bool:
    """Does the key ring verify the end of any chain?"""
    ends = AuditShard.select()
    return any(is_sealed(End(end.number, end.day, end.rows, end.hash), end.seal) for end in ends)


def beginning(shard: int, rows: int, digest: str) -> str:
    """Return the hash that a chain begins from: it binds the single chain of before, with so many rows and this end."""
    return sha256(dumps(("audit chain", shard, rows, digest)).encode()).hexdigest()


def root(leaves: Iterable[tuple[int, int, str]]) -> str:
    """Compute the Merkle root of (shard, rows, hash) of all chains. A node that has no pair goes up as it is."""
    level = [sha256(b"\0" + dumps(leaf).encode()).digest() for leaf in leaves]
    while len(level) > 1:
        pairs = [sha256(b"\1" + one + other).digest() for one, other in zip(level[::2], level[1::2], strict=False)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0].hex()


def _sealed(end: End) -> bytes:
    return f"{end.shard} {end.rows} {end.hash}".encode()


def _ends() -> peewee.Select:
    return AuditShard.select(AuditShard.number, AuditShard.day, AuditShard.rows, AuditShard.hash).order_by(
        AuditShard.number
    )


@Prepared
def _free() -> peewee.Select:
    first = _ends().limit(1).tuples()
    return first if is_sqlite() else first.for_update(skip_locked=True)


@Prepared
def _waited_for(shard: object) -> peewee.Select:
    return locked(_ends().where(AuditShard.number == shard)).tuples()


@Prepared
def _advance(day: object, rows: object, new: object, seal: object, shard: object) -> peewee.Update:
    return AuditShard.update(day=day, rows=rows, hash=new, seal=seal).where(AuditShard.number == shard)
