"""Verify the audit chain row by row: hashes, seals, its stored head, and heads that were sent out.

Key rotation appends a checkpoint: a row sealed with the new key after the chain was verified with the old one. Rows
before it are bound to it by their hashes, so verifying them no longer needs the old key.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from portal.store.db import joined, locked
from portal.work import audit
from portal.work.audit import GENESIS, Actor, AuditHead, AuditRow

CHECKPOINT = "AuditSealedAnew"
AT_ONCE = 2000  # rows of a batch: PostgreSQL's driver would keep all rows in memory
HEAD = re.compile(r"\b([0-9]{1,12}):([0-9a-f]{64})\b")


@dataclass(frozen=True)
class Head:
    """A head of the chain: the number of rows and the last hash. As text: `1234:5f3a…`."""

    rows: int
    hash: str

    def __str__(self) -> str:
        return f"{self.rows}:{self.hash}"


def head() -> Head:
    """Return the current head of the chain."""
    row = AuditHead.get_by_id(1)
    return Head(row.rows, row.hash)


def heads_in(text: str) -> list[Head]:
    """Find every head in a text: a log line, the file of heads, the body of a webhook."""
    return [Head(int(rows), digest) for rows, digest in HEAD.findall(text)]


class Walk:
    """A resumable verification of the chain: `go` continues with the rows added since.

    `places`: row numbers whose hashes are collected in `found`.
    """

    def __init__(self, places: Iterable[int] = ()) -> None:
        self.place, self.found = 0, dict.fromkeys(places, "") | {0: GENESIS}
        self._last, self._row_id = GENESIS, 0
        self._sealed_from = _newest_checkpoint()
        self._unsealed: list[int] = []  # ids of consecutive rows without a valid seal

    def go(self) -> Iterator[str]:
        """Verify up to the current end and yield a sentence for each break."""
        while rows := list(AuditRow.select().where(AuditRow.id > self._row_id).order_by(AuditRow.id).limit(AT_ONCE)):
            for row in rows:
                yield from self._step(row)
        yield from self._unsealed_rows()

    def _step(self, row: AuditRow) -> Iterator[str]:
        self.place, self._row_id = self.place + 1, row.id
        if row.previous != self._last:
            yield f"Row {row.id} does not follow the row before it."
        yield from _changed(row)
        if row.id >= self._sealed_from:
            yield from self._seal(row)
        self._last = row.hash
        if self.place in self.found:
            self.found[self.place] = row.hash

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


def verify(heads: Iterable[Head] = ()) -> Iterator[str]:
    """Verify the whole chain and yield a sentence for each break; nothing when it is intact.

    `heads` were sent out earlier: without one, truncating the newest rows together with the stored head is undetected.
    """
    own, sent_heads = head(), list(heads)  # read before the rows, as rows may be appended meanwhile
    walk = Walk(one.rows for one in (own, *sent_heads))
    yield from walk.go()
    if walk.found[own.rows] != own.hash or walk.place > head().rows:
        yield f"The chain ends after {walk.place} rows, but {own.rows} were written."
    for one in sent_heads:
        if walk.found[one.rows] != one.hash:
            what = "differs from its" if walk.found[one.rows] else "is missing, but has a"
            yield f"Row number {one.rows} {what} published head ({one.hash[:12]}…)."


def set_checkpoint(walk: Walk, breaks: int, *, by: Actor, now: datetime) -> None:
    """Append a checkpoint sealed with the newest key; `walk` has verified the chain before and is resumed."""
    with joined():
        list(locked(AuditHead.select()))  # lock the head: no row is appended until this transaction ends
        added = len(list(walk.go()))
        audit.note(CHECKPOINT, "audit", by=by, now=now, rows=walk.place, breaks=breaks + added)


def _newest_checkpoint() -> int:
    """Return the id of the newest valid checkpoint, after which every row must be sealed; 0 without one: all rows."""
    for row in AuditRow.select().where(AuditRow.action == CHECKPOINT).order_by(AuditRow.id.desc()):
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
