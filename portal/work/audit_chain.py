"""Verify the audit log, a stretch of a chain at a time: hashes, seals, the stored ends, and heads that were sent out.

Stretches need nothing of each other, so that processes can share them. Key rotation appends a checkpoint to each chain:
a row sealed with the new key after the chain was verified with the old one. Rows before it are bound to it by their
hashes, so verifying them no longer needs the old key.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import peewee

from portal.store.db import joined
from portal.work import audit, audit_shards
from portal.work.audit import GENESIS, Actor, AuditHead, AuditRow
from portal.work.audit_published import OF_BEFORE, Head, hash_of_before, missing
from portal.work.audit_shards import AuditDay, AuditShard, End

CHECKPOINT = "AuditSealedAnew"
AT_ONCE = 2000  # rows of a batch: PostgreSQL's driver would keep all rows in memory


@dataclass(frozen=True)
class Stretch:
    """Rows of one chain that are verified by themselves: what they follow, how they end. `is_last`: nothing follows."""

    shard: int
    after: int
    begins: str
    rows: int
    hash: str
    is_last: bool


class Walk:
    """A resumable verification of a stretch: `go` continues with the rows added since."""

    def __init__(self, stretch: Stretch) -> None:
        self.place, self.shard, self.is_last = stretch.after, stretch.shard, stretch.is_last
        self._of, self._last, self._row_id = stretch, stretch.begins, 0
        self._sealed_from = _sealed_from(stretch.shard)
        self._unsealed: list[int] = []  # ids of consecutive rows without a valid seal

    def go(self) -> Iterator[str]:
        """Verify up to the current end and yield a sentence for each break."""
        while rows := self._next():
            for row in rows:
                yield from self._step(row)
        yield from self._unsealed_rows()
        if self.place < self._of.rows:
            yield f"{_named(self.shard)} ends after {self.place} rows, but {self._of.rows} were written."
        elif self.is_last and self.place > _rows_of(self.shard):
            yield f"{_named(self.shard)} goes on for {self.place} rows, but {_rows_of(self.shard)} were written."

    def _next(self) -> list[AuditRow]:
        found = AuditRow.select().where(_in_chain(self.shard))
        if self.shard == OF_BEFORE:
            return list(found.where(AuditRow.id > self._row_id).order_by(AuditRow.id).limit(AT_ONCE))
        found = found.where(AuditRow.place > self.place)
        if not self.is_last:
            found = found.where(AuditRow.place <= self._of.rows)
        return list(found.order_by(AuditRow.place).limit(AT_ONCE))

    def _step(self, row: AuditRow) -> Iterator[str]:
        follows = row.previous == self._last and row.place in {None, self.place + 1}
        self.place, self._row_id = row.place or self.place + 1, row.id
        if not follows:
            yield f"Row {row.id} does not follow the row before it."
        yield from _changed(row)
        if self.place == self._of.rows and row.hash != self._of.hash:
            yield f"Row {row.id} is not the one that {_named(self.shard).lower()} ended with."
        if row.id >= self._sealed_from:
            yield from self._seal(row)
        self._last = row.hash

    def _seal(self, row: AuditRow) -> Iterator[str]:
        if audit.is_sealed(row):
            yield from self._unsealed_rows()
        else:
            self._unsealed.append(row.id)
        if row.action == CHECKPOINT and (breaks := json.loads(row.details).get("breaks")):
            yield f"When row {row.id} was set, the chain before it had {breaks} breaks."

    def _unsealed_rows(self) -> Iterator[str]:
        if self._unsealed:
            first, last = self._unsealed[0], self._unsealed[-1]
            which = f"Row {first} carries" if first == last else f"Rows {first} to {last} carry"
            yield f"{which} no seal of our keys."
        self._unsealed = []


def stretches() -> list[Stretch]:
    """List all stretches: the single chain of before, then by chain and day. Chains that are missing have none."""
    before = AuditHead.get_by_id(1)
    found = [Stretch(OF_BEFORE, 0, GENESIS, before.rows, before.hash, is_last=True)]
    for shard in AuditShard.select().order_by(AuditShard.number):
        begins = audit_shards.beginning(shard.number, before.begun_after, hash_of_before(before.begun_after))
        days = AuditDay.select().where(AuditDay.shard == shard.number).order_by(AuditDay.day)
        ends = [(0, begins), *((day.rows, day.hash) for day in days), (shard.rows, shard.hash)]
        found += [
            Stretch(shard.number, after, start, rows, end, is_last=number == len(ends) - 1)
            for number, ((after, start), (rows, end)) in enumerate(pairwise(ends), 1)
        ]
    return found


def check(stretch: Stretch) -> list[str]:
    """Verify one stretch and return a sentence for each break."""
    return list(Walk(stretch).go())


def check_ends(heads: Iterable[Head] = ()) -> Iterator[str]:
    """Verify that every chain is there, that its end is sealed, and that it holds the heads that were sent out."""
    ours = set(range(audit_shards.count()))
    ends = {shard.number: shard for shard in AuditShard.select()}
    for number in sorted(ours | set(ends)):
        shard = ends.get(number)
        if shard is None:
            yield f"{_named(number)} is missing."
        elif not audit_shards.is_sealed(End(number, shard.day, shard.rows, shard.hash), shard.seal):
            yield f"The end of {_named(number).lower()} carries no seal of our keys."
    strays = AuditRow.select().where((AuditRow.shard < 0) | (AuditRow.shard >= len(ours))).order_by(AuditRow.shard)
    yield from (f"Row {row.id} is in a chain that is not ours." for row in strays)
    yield from missing(heads)


def verify(heads: Iterable[Head] = ()) -> Iterator[str]:
    """Verify all chains and yield a sentence for each break; nothing when they are intact.

    `heads` were sent out earlier: without one, a database put back as a whole to what it was once is undetected.
    """
    for stretch in stretches():
        yield from check(stretch)
    yield from check_ends(heads)


def begin() -> tuple[list[Walk], int]:
    """Verify everything before a key rotation; returns the walks, to be resumed, and the number of breaks."""
    walks = [Walk(stretch) for stretch in stretches()]
    return walks, sum(len(list(walk.go())) for walk in walks) + len(list(check_ends()))


def set_checkpoint(walks: list[Walk], breaks: int, *, by: Actor, now: datetime) -> None:
    """Append a checkpoint to every chain with rows, sealed with the newest key; `walks` have verified all before.

    Ends of chains without rows are sealed anew. The first checkpoint says how many breaks there were.
    """
    with joined():
        ends = audit_shards.take_all()
        left = breaks + sum(len(list(walk.go())) for walk in walks if walk.is_last)
        for end in ends:
            if not end.rows:
                audit_shards.advance(end)
                continue
            audit.append(end, CHECKPOINT, "audit", by=by, now=now, rows=end.rows, breaks=left)
            left = 0


def _named(shard: int) -> str:
    return "The single chain of before" if shard == OF_BEFORE else f"Chain {shard}"


def _in_chain(shard: int) -> peewee.Expression:
    found: peewee.Expression = AuditRow.shard.is_null() if shard == OF_BEFORE else AuditRow.shard == shard
    return found


def _rows_of(shard: int) -> int:
    """Return how many rows a chain has now."""
    row = AuditHead.get_by_id(1) if shard == OF_BEFORE else AuditShard.get(AuditShard.number == shard)
    return int(row.rows)


def _sealed_from(shard: int) -> int:
    """Return the id of a row from which on every row of the chain must be sealed; 0: all of them.

    It is the chain's newest valid checkpoint. What the other chains begin after is bound by any checkpoint of theirs.
    """
    if shard != OF_BEFORE:
        return _newest_checkpoint(AuditRow.shard == shard)
    bound = AuditRow.select(AuditRow.id).where(AuditRow.shard.is_null()).order_by(AuditRow.id)
    if _newest_checkpoint(AuditRow.shard.is_null(False)):
        return int(bound.offset(AuditHead.get_by_id(1).begun_after).limit(1).scalar() or sys.maxsize)
    return _newest_checkpoint(AuditRow.shard.is_null())


def _newest_checkpoint(where: peewee.Expression) -> int:
    for row in AuditRow.select().where(where & (AuditRow.action == CHECKPOINT)).order_by(AuditRow.id.desc()):
        if audit.is_sealed(row) and not list(_changed(row)):
            return int(row.id)
    return 0


def _changed(row: AuditRow) -> Iterator[str]:
    try:
        is_same = audit.hash_of(row) == row.hash
    except KeyError:
        yield f"Row {row.id} has format {row.format}, which this version does not know."
    else:
        if not is_same:
            yield f"Row {row.id} was changed."
