"""Who did what: rows chained by hash and sealed with our key, written in the transaction of the deed itself.

The hash of a row needs no key, so the chain can be walked without any; the seal is an HMAC of the hash. A sealed row
vouches for all rows before it, which is why a new key needs one row only (audit_chain.py).
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import peewee

from portal.base import keys
from portal.store.db import BaseModel, UTCDateTimeField, joined, locked
from portal.store.prepared import Prepared, insert

GENESIS = "0" * 64
FORMAT = 2  # of new rows; those of format 1 have no seal
PURPOSE = "audit chain"
LOOKED_AT = 5  # newest rows: one of them may have been written by somebody who does not know the key


@dataclass(frozen=True)
class Actor:
    """Who acts: an `account` (a mobile), `staff`, a `machine` (signed caller), `system` (a sweep) or `nobody`."""

    kind: str
    uid: str = ""


SYSTEM = Actor("system")
NOBODY = Actor("nobody")


class AuditRow(BaseModel):
    """One deed or one reading that must be on record. Ids and codes only, no personal data."""

    at = UTCDateTimeField(index=True)
    action = peewee.CharField(max_length=60, index=True)
    actor_kind = peewee.CharField(max_length=10)
    actor_uid = peewee.CharField(max_length=22)
    subject = peewee.CharField(max_length=40, index=True)
    details = peewee.TextField()
    previous = peewee.CharField(max_length=64)
    hash = peewee.CharField(max_length=64)
    format = peewee.IntegerField(default=FORMAT)
    seal = peewee.CharField(max_length=64, default="")


class AuditHead(BaseModel):
    """The end of the chain: one row, locked by whoever appends; and when it was last told outside (audit_heads.py)."""

    rows = peewee.IntegerField(default=0)
    hash = peewee.CharField(max_length=64, default=GENESIS)
    sent_rows = peewee.IntegerField(default=0)
    sent_at = UTCDateTimeField(null=True)
    unheard_since = UTCDateTimeField(null=True)


@Prepared
def _end() -> peewee.Select:
    return locked(AuditHead.select(AuditHead.hash).where(AuditHead.id == 1)).tuples()


@Prepared
def _move_end(new: object) -> peewee.Update:
    return AuditHead.update(rows=AuditHead.rows + 1, hash=new).where(AuditHead.id == 1)


def note(action: str, subject: str, *, by: Actor, now: datetime, **details: object) -> None:
    """Append one row. Inside write() it lives and dies with the deed; alone it opens its own transaction."""
    with joined():
        (previous,) = _end.first()
        row = AuditRow(
            at=now,
            action=action,
            actor_kind=by.kind,
            actor_uid=by.uid,
            subject=subject,
            details=json.dumps(details, sort_keys=True, ensure_ascii=False),
            previous=previous,
        )
        row.hash = hash_of(row)
        row.seal = keys.sign(PURPOSE, _sealed(row)).hex()
        insert(row)
        _move_end.execute(row.hash)


def hash_of(row: AuditRow) -> str:
    """What the row's hash must be, by its own format. Raises KeyError for a format of a later version."""
    return hashlib.sha256(_HASHED[row.format](row).encode()).hexdigest()


def is_sealed(row: AuditRow) -> bool:
    """Does the row carry the seal of one of our keys?"""
    try:
        return row.format > 1 and keys.matches(PURPOSE, _sealed(row), bytes.fromhex(row.seal))
    except ValueError:
        return False


def is_of_our_keys() -> bool:
    """Do our keys belong to this database: has one of them sealed any of its newest rows? True while there is none."""
    newest = AuditRow.select().where(AuditRow.format > 1).order_by(AuditRow.id.desc()).limit(LOOKED_AT)
    rows = list(newest)
    return not rows or any(is_sealed(row) for row in rows)


def _sealed(row: AuditRow) -> bytes:
    return f"{row.format} {row.hash}".encode()


def _texts(row: AuditRow) -> tuple[str, ...]:
    return (row.previous, row.at.isoformat(), row.action, row.actor_kind, row.actor_uid, row.subject, row.details)


# By format: what is hashed. A later one stands beside these, and no row is hashed anew.
_HASHED: dict[int, Callable[[AuditRow], str]] = {
    1: lambda row: "\x1f".join(_texts(row)),
    2: lambda row: json.dumps((row.format, *_texts(row)), ensure_ascii=False),
}
