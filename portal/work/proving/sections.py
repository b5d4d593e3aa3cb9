"""Sections of the audit log: what was appended since the last one, with the root of a Merkle tree over those rows.

A chain binds a row to its end only through every row after it. The path in a section's tree does so with twenty hashes:
a row can be proved to somebody who may not see the others. A section ends where the chains end, not at an hour, so it
never changes; its root is noted in the log itself, and the link of the newest is sent out with the head.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import peewee

from portal.store.db import BaseModel, UTCDateTimeField, one_at_a_time, write
from portal.work import audit
from portal.work.audit import Actor, AuditRow
from portal.work.audit_published import OF_BEFORE, head
from portal.work.proving import proof

MOST = 65_536  # rows of a section: a path has sixteen nodes at most, and a tree is made in a tenth of a second
Range = tuple[int, int, int]  # shard, rows before, rows at the end


class AuditSection(BaseModel):
    """A section. `counts`: the rows of the single chain of before and of each other, at its end, as a JSON list."""

    number = peewee.IntegerField(unique=True)
    at = UTCDateTimeField()
    counts = peewee.TextField()
    root = peewee.CharField(max_length=64)
    link = peewee.CharField(max_length=64)

    @property
    def ends(self) -> list[int]:
        """The rows of each chain at its end, that of before first."""
        return list(json.loads(self.counts))


def newest() -> AuditSection | None:
    """Return the section that was closed last."""
    found: AuditSection | None = AuditSection.select().order_by(AuditSection.number.desc()).first()
    return found


def published() -> str:
    """Return the newest link as it is sent out, such as `sections 12 3f0a…`; "" before the first."""
    last = newest()
    return f"sections {last.number} {last.link}" if last else ""


def close_sections(*, by: Actor, now: datetime) -> int:
    """Close sections up to where the chains end now; returns how many. Raises ValueError where rows are missing."""
    goal, closed = _ends(), 0
    while True:
        with write():
            one_at_a_time("audit sections")
            if not _close_next(goal, by, now):
                return closed
        closed += 1


def check_sections() -> Iterator[str]:
    """Verify every section against the rows, and yield a sentence for each that does not agree."""
    begins, before = [0], proof.BEGIN
    for section in AuditSection.select().order_by(AuditSection.number):
        try:
            root = _root(_hashes(_ranges(begins, section.ends)))
        except ValueError:
            root = ""
        if root != section.root or proof.link_of(before, section.number, root) != section.link:
            yield f"Section {section.number} does not agree with its rows."
        begins, before = section.ends, section.link


def place_of(row: AuditRow, ends: Sequence[tuple[int, list[int]]]) -> tuple[int, int]:
    """Return the section of a row, and its place there; `ends` of all sections in order. Raises LookupError without."""
    shard = OF_BEFORE if row.shard is None else row.shard
    place = _place_before(row) if row.place is None else row.place
    begins = [0]
    for number, section in ends:
        if place <= _at(section, shard):
            ranges = _ranges(begins, section)
            ahead = sum(last - first for other, first, last in ranges if other < shard)
            return number, ahead + place - _at(begins, shard) - 1
        begins = section
    raise LookupError(f"row {row.id} is in no section yet")


def tree_of(number: int) -> list[list[bytes]]:
    """Build a section's tree. Raises ValueError where rows are missing."""
    section = AuditSection.get(AuditSection.number == number)
    before = AuditSection.get_or_none(AuditSection.number == number - 1)
    return proof.levels(_hashes(_ranges(before.ends if before else [0], section.ends)))


def _close_next(goal: list[int], by: Actor, now: datetime) -> bool:
    last = newest()
    begins = last.ends if last else [0]
    ends = _limited(begins, goal)
    ranges = _ranges(begins, ends)
    if not ranges:
        return False
    number, root = (last.number if last else 0) + 1, _root(_hashes(ranges))
    link = proof.link_of(last.link if last else proof.BEGIN, number, root)
    AuditSection.create(number=number, at=now, counts=json.dumps(ends), root=root, link=link)
    rows = sum(end - begin for _shard, begin, end in ranges)
    audit.note("AuditSectionClosed", "audit", by=by, now=now, number=number, rows=rows, root=root, link=link)
    return True


def _ends() -> list[int]:
    now = head()
    return [now.rows - sum(now.counts), *now.counts]


def _limited(begins: list[int], goal: list[int]) -> list[int]:
    """Return the ends of the next section: at most MOST rows further, chain by chain."""
    left, found = MOST, []
    for shard, end in enumerate(goal, OF_BEFORE):
        begin = _at(begins, shard)
        taken = max(min(end - begin, left), 0)
        left -= taken
        found.append(begin + taken)
    return found


def _ranges(begins: list[int], ends: list[int]) -> list[Range]:
    chains = [(shard, _at(begins, shard), end) for shard, end in enumerate(ends, OF_BEFORE)]
    return [chain for chain in chains if chain[2] > chain[1]]


def _hashes(ranges: list[Range]) -> list[str]:
    """Read the hashes of a section's rows in order. Raises ValueError where some are missing."""
    found: list[str] = []
    for shard, begin, end in ranges:
        rows: Any = AuditRow.select(AuditRow.hash)
        if shard == OF_BEFORE:
            rows = rows.where(AuditRow.shard.is_null()).order_by(AuditRow.id).offset(begin).limit(end - begin)
        else:
            between = (AuditRow.place > begin) & (AuditRow.place <= end)
            rows = rows.where((AuditRow.shard == shard) & between).order_by(AuditRow.place)
        hashes = [digest for (digest,) in rows.tuples()]
        if len(hashes) != end - begin:
            raise ValueError(f"chain {shard} has {len(hashes)} rows between {begin} and {end}")
        found += hashes
    return found


def _root(hashes: list[str]) -> str:
    return proof.levels(hashes)[-1][0].hex()


def _place_before(row: AuditRow) -> int:
    """Return the number of a row in the single chain of before."""
    return int(AuditRow.select().where(AuditRow.shard.is_null() & (AuditRow.id <= row.id)).count())


def _at(counts: Sequence[int], shard: int) -> int:
    """Return the rows of a chain; a section made before it had one has no count for it."""
    return counts[shard - OF_BEFORE] if shard - OF_BEFORE < len(counts) else 0
