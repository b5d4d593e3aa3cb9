"""Is the audit chain whole? Walked row by row, against seals, against its end, and against ends that were sent out.

A change of key sets a checkpoint: a row sealed with the new key, set after the chain was walked with the old one still
there. Rows before it are bound to it by their hashes, so nobody needs the old key to see that they are as they were.
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
AT_ONCE = 2000  # rows are read in parts: PostgreSQL's driver would keep all of them in memory
HEAD = re.compile(r"\b([0-9]{1,12}):([0-9a-f]{64})\b")


@dataclass(frozen=True)
class Head:
    """An end that the chain had: after so many rows, this hash. As text `1234:5f3a…`, wherever it is sent."""

    rows: int
    hash: str

    def __str__(self) -> str:
        return f"{self.rows}:{self.hash}"


def head() -> Head:
    """The end of the chain at this moment."""
    row = AuditHead.get_by_id(1)
    return Head(row.rows, row.hash)


def heads_in(text: str) -> list[Head]:
    """Every end that a text names: a line of the log, the file of ends, what a webhook was told."""
    return [Head(int(rows), digest) for rows, digest in HEAD.findall(text)]


class Walk:
    """One way along the chain, which can be taken up again where rows were added since.

    `places`: the row numbers whose hashes are remembered in `found`.
    """

    def __init__(self, places: Iterable[int] = ()) -> None:
        self.place, self.found = 0, dict.fromkeys(places, "") | {0: GENESIS}
        self._last, self._row_id = GENESIS, 0
        self._sealed_from = _newest_checkpoint()
        self._bare: list[int] = []  # ids of rows that stand side by side and lack a seal

    def go(self) -> Iterator[str]:
        """To the end as it is now; a sentence for each break."""
        while rows := list(AuditRow.select().where(AuditRow.id > self._row_id).order_by(AuditRow.id).limit(AT_ONCE)):
            for row in rows:
                yield from self._step(row)
        yield from self._bare_rows()

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
            yield from self._bare_rows()
        else:
            self._bare.append(row.id)
        if row.action == CHECKPOINT and (breaks := json.loads(row.details).get("breaks")):
            yield f"When row {row.id} was set, the chain before it had {breaks} breaks."

    def _bare_rows(self) -> Iterator[str]:
        if self._bare:
            first, last = self._bare[0], self._bare[-1]
            which = f"Row {first} carries" if first == last else f"Rows {first} to {last} carry"
            yield f"{which} no seal of our keys."
        self._bare = []


def verify(heads: Iterable[Head] = ()) -> Iterator[str]:
    """Walk the whole chain and yield a sentence for each break; nothing when it is whole.

    `heads` are ends that were sent out earlier: without one nobody can see that the newest rows were cut off and the
    chain's end set back.
    """
    own, told = head(), list(heads)  # before the first row: what is added meanwhile belongs to the chain too
    walk = Walk(one.rows for one in (own, *told))
    yield from walk.go()
    if walk.found[own.rows] != own.hash or walk.place > head().rows:
        yield f"The chain ends after {walk.place} rows, but {own.rows} were written."
    for one in told:
        if walk.found[one.rows] != one.hash:
            what = "is another than the one" if walk.found[one.rows] else "is gone, the one"
            yield f"Row number {one.rows} {what} that was sent out ({one.hash[:12]}…)."


def set_checkpoint(walk: Walk, breaks: int, *, by: Actor, now: datetime) -> None:
    """Seal the chain as it stands with the newest key; `walk` has been along it before and goes on from there."""
    with joined():
        list(locked(AuditHead.select()))  # nobody appends until this transaction ends
        added = len(list(walk.go()))
        audit.note(CHECKPOINT, "audit", by=by, now=now, rows=walk.place, breaks=breaks + added)


def _newest_checkpoint() -> int:
    """The row from which on all must be sealed. In a chain without a checkpoint they all must be."""
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
