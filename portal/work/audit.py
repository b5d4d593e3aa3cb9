"""Audit log: rows chained by hash and authenticated by HMAC, written in the transaction of the action itself.

The hash needs no key, so a chain can be walked without one; the seal is an HMAC of the hash. A sealed row authenticates
all rows before it in its chain, which is why key rotation needs one new row of each (audit_chain.py). There are several
chains (audit_shards.py), so that people's actions do not wait for each other's rows.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import peewee

from portal.base import keys
from portal.base.clock import clinic_day
from portal.store.db import BaseModel, UTCDateTimeField, joined
from portal.store.prepared import insert
from portal.work import audit_shards
from portal.work.audit_shards import End

GENESIS = "0" * 64
FORMAT = 3  # of new rows; those of format 1 have no seal, those of 1 and 2 are in the single chain of before
PURPOSE = "audit chain"
CHECKED_ROWS = 5  # newest rows to check; more than one, as somebody without the key may have written one


@dataclass(frozen=True)
class Actor:
    """Who acts: an `account` (a mobile), `staff`, a `machine` (signed caller), `system` (a sweep) or `nobody`."""

    kind: str
    uid: str = ""


SYSTEM = Actor("system")
NOBODY = Actor("nobody")


class AuditRow(BaseModel):
    """One action, or one access to data, on record. Ids and codes only, no personal data.

    `place` counts the rows of the chain `shard`; both are NULL in the single chain of before.
    """

    at = UTCDateTimeField(index=True)
    action = peewee.CharField(max_length=60)
    actor_kind = peewee.CharField(max_length=10)
    actor_uid = peewee.CharField(max_length=22)
    subject = peewee.CharField(max_length=40)
    details = peewee.TextField()
    previous = peewee.CharField(max_length=64)
    hash = peewee.CharField(max_length=64)
    format = peewee.IntegerField(default=FORMAT)
    seal = peewee.CharField(max_length=64, default="")
    shard = peewee.IntegerField(null=True)
    place = peewee.IntegerField(null=True)

    class Meta:
        indexes = (  # of the search, the newest first (core/auditing)
            (("subject", "at"), False),
            (("actor_uid", "at", "action"), False),
            (("action", "at"), False),
        )


class AuditHead(BaseModel):
    """The end of the single chain of before, and when the head of all was last sent out (audit_heads.py). One row.

    The chains of today begin from its row number `begun_after`.
    """

    rows = peewee.IntegerField(default=0)
    hash = peewee.CharField(max_length=64, default=GENESIS)
    begun_after = peewee.IntegerField(default=0)
    sent_rows = peewee.IntegerField(default=0)
    sent_at = UTCDateTimeField(null=True)
    unheard_since = UTCDateTimeField(null=True)


def note(action: str, subject: str, *, by: Actor, now: datetime, **details: object) -> None:
    """Append one row in the current transaction, so that it rolls back with the action; else in its own."""
    with joined():
        append(audit_shards.take(clinic_day(now)), action, subject, by=by, now=now, **details)


def append(end: End, action: str, subject: str, *, by: Actor, now: datetime, **details: object) -> End:
    """Append a row to the chain with this end, which the transaction has locked; returns the new end."""
    new = replace(end, rows=end.rows + 1)
    row = AuditRow(
        at=now,
        action=action,
        actor_kind=by.kind,
        actor_uid=by.uid,
        subject=subject,
        details=json.dumps(details, sort_keys=True, ensure_ascii=False),
        previous=end.hash,
        shard=end.shard,
        place=new.rows,
    )
    row.hash = hash_of(row)
    row.seal = keys.seal(PURPOSE, _sealed(row))
    insert(row)
    new = replace(new, hash=row.hash)
    audit_shards.advance(new)
    return new


def hash_of(row: AuditRow) -> str:
    """Compute the row's hash by its own format. Raises KeyError for a format of a later version."""
    return hashlib.sha256(_HASHED[row.format](row).encode()).hexdigest()


def is_sealed(row: AuditRow) -> bool:
    """Verify the row's HMAC against every key of the ring."""
    return row.format > 1 and keys.is_seal(PURPOSE, _sealed(row), row.seal)


def is_of_our_keys() -> bool:
    """Does the key ring fit this database: does it verify any chain's end, and any of the newest rows, if any?

    The ends are sealed when the tables are made, so that a database without a row has a key too.
    """
    newest = AuditRow.select().where(AuditRow.format > 1).order_by(AuditRow.id.desc()).limit(CHECKED_ROWS)
    seals = [is_sealed(row) for row in newest]
    return (any(seals) or not seals) and audit_shards.any_is_sealed()


def _sealed(row: AuditRow) -> bytes:
    return f"{row.format} {row.hash}".encode()


def _texts(row: AuditRow) -> tuple[str, ...]:
    return (row.previous, row.at.isoformat(), row.action, row.actor_kind, row.actor_uid, row.subject, row.details)


# What is hashed, by format. A later format is added beside these; rows are never hashed again.
_HASHED: dict[int, Callable[[AuditRow], str]] = {
    1: lambda row: "\x1f".join(_texts(row)),
    2: lambda row: json.dumps((row.format, *_texts(row)), ensure_ascii=False),
    3: lambda row: json.dumps((row.format, row.shard, row.place, *_texts(row)), ensure_ascii=False),
}
