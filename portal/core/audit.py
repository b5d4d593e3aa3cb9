"""Who did what: rows chained by hash, written in the transaction of the deed itself."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import peewee

from portal.core.db import BaseModel, UTCDateTimeField, joined, locked
from portal.core.prepared import Prepared, insert

GENESIS = "0" * 64


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


class AuditHead(BaseModel):
    """The end of the chain: one row, locked by whoever appends."""

    rows = peewee.IntegerField(default=0)
    hash = peewee.CharField(max_length=64, default=GENESIS)


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
        row.hash = _hash(row)
        insert(row)
        _move_end.execute(row.hash)


def verify() -> Iterator[str]:
    """Walk the whole chain and yield a sentence for each break; nothing when it is whole."""
    last, count = GENESIS, 0
    for row in AuditRow.select().order_by(AuditRow.id).iterator():
        count += 1
        if row.previous != last:
            yield f"Row {row.id} does not follow the row before it."
        if row.hash != _hash(row):
            yield f"Row {row.id} was changed."
        last = row.hash
    head = AuditHead.get_by_id(1)
    if (head.rows, head.hash) != (count, last):
        yield f"The chain ends after {count} rows, but {head.rows} were written."


def _hash(row: AuditRow) -> str:
    parts = (row.previous, row.at.isoformat(), row.action, row.actor_kind, row.actor_uid, row.subject, row.details)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
