"""The head of the whole audit log, as text that can be kept elsewhere, and what it proves when it is compared later."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from portal.work import audit_shards
from portal.work.audit import GENESIS, AuditHead, AuditRow
from portal.work.audit_shards import AuditShard

OF_BEFORE = -1  # stands for the single chain of before
HEAD = re.compile(r"\b([0-9]{1,12}):([0-9a-f]{64})\b(?::([0-9]+(?:\.[0-9]+)*))?")


@dataclass(frozen=True)
class Head:
    """A head of the log: its rows, the Merkle root of its chains, and the rows of each. As text: `1234:5f3a…:834.400`.

    One without `counts` is of the single chain of before, and `hash` is that of its last row.
    """

    rows: int
    hash: str
    counts: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{self.rows}:{self.hash}" + (f":{'.'.join(map(str, self.counts))}" if self.counts else "")


def head() -> Head:
    """Return the current head."""
    before = AuditHead.get_by_id(1)
    shards = AuditShard.select().order_by(AuditShard.number)
    return head_of((before.rows, before.hash), [(shard.number, shard.rows, shard.hash) for shard in shards])


def head_of(before: tuple[int, str], shards: Sequence[tuple[int, int, str]]) -> Head:
    """Make the head of the single chain of before, (rows, hash), and of the others, (number, rows, hash) by number."""
    used = [shard for shard in shards if shard[1]]
    if not used:
        return Head(*before)
    last = used[-1][0]
    counts = tuple(rows for number, rows, _hash in shards if number <= last)
    return Head(before[0] + sum(counts), audit_shards.root([(OF_BEFORE, *before), *used]), counts)


def heads_in(text: str) -> list[Head]:
    """Find every head in a text: a log line, the file of heads, the body of a webhook."""
    return [
        Head(int(rows), digest, tuple(int(part) for part in counts.split(".")) if counts else ())
        for rows, digest, counts in HEAD.findall(text)
    ]


def missing(heads: Iterable[Head]) -> Iterator[str]:
    """Compare heads that were sent out with the rows, and yield a sentence for each that does not hold."""
    for one in heads:
        found = _again(one)
        if found != one:
            what = "differs from its" if found else "is missing, but has a"
            yield f"Row number {one.rows} {what} published head ({one.hash[:12]}…)."


def hash_of_before(rows: int) -> str:
    """Return the hash of a row of the single chain of before, by its number; "" when it is not there."""
    found = AuditRow.select(AuditRow.hash).where(AuditRow.shard.is_null()).order_by(AuditRow.id)
    return (found.offset(rows - 1).limit(1).scalar() or "") if rows > 0 else GENESIS


def _again(told: Head) -> Head | None:
    """Make a head once more from the rows of its time; None when some are not there."""
    before = told.rows - sum(told.counts)
    shards = [(number, rows, _hash_at(number, rows)) for number, rows in enumerate(told.counts)]
    ends = [hash_of_before(before), *(digest for _number, rows, digest in shards if rows)]
    return head_of((before, ends[0]), shards) if all(ends) else None


def _hash_at(shard: int, place: int) -> str:
    found = AuditRow.select(AuditRow.hash).where((AuditRow.shard == shard) & (AuditRow.place == place))
    return found.scalar() or ""
