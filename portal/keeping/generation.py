"""What makes a restored database a new generation (safety.md F40): nothing that was told before is told again."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.base.clock import clinic_day
from portal.keeping.manifest import Manifest
from portal.keeping.models import Generation
from portal.store.db import write
from portal.store.kept import marks
from portal.work import audit
from portal.work.audit import SYSTEM

DATED = re.compile(r"(?P<stem>.+)-(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{6}|[0-9]{4})")
SHAPES = {10: "%Y-%m-%d", 6: "%Y%m", 4: "%Y"}  # of a series' date, by length
AfterRestore = Callable[[datetime], None]
_after: list[AfterRestore] = []


@dataclass(frozen=True)
class Lost:
    """Numbers of a series that were told after the backup, `first` to `last`."""

    series: str
    first: int
    last: int

    @property
    def count(self) -> int:
        """How many they are."""
        return self.last - self.first + 1


def after_restore(function: AfterRestore) -> AfterRestore:
    """Register what a room does in the transaction that ends a restore, such as ending all sign-ins."""
    _after.append(function)
    return function


def number() -> int:
    """Return the number of the present generation."""
    newest = Generation.select(Generation.id).order_by(Generation.id.desc()).first()
    return int(newest.id) if newest else 0


def lost_since(manifest: Manifest, told: Mapping[str, int]) -> list[Lost]:
    """List the numbers that were told, by their marks, and that the backup does not know."""
    before = manifest.numbers
    return [
        Lost(series, before.get(series, 0) + 1, last)
        for series, last in sorted(told.items())
        if last > before.get(series, 0)
    ]


def skipped(manifest: Manifest, skip: int, now: datetime) -> dict[str, int]:
    """Return marks for when none are left: every series is raised by `skip`, those of each day since too.

    A series with a date in its name (a month's prescriptions, a session's tokens) is continued to the present one.
    """
    told: dict[str, int] = {}
    days = [
        clinic_day(manifest.taken_at) + timedelta(days=step) for step in range(1 + (now - manifest.taken_at).days + 1)
    ]
    for series, last in manifest.numbers.items():
        found = DATED.fullmatch(series)
        if found is None:
            told[series] = last + skip
            continue
        for day in days:
            name = f"{found['stem']}-{day.strftime(SHAPES[len(found['date'])])}"
            told[name] = manifest.numbers.get(name, 0) + skip
    return told


def begin(manifest: Manifest, told: Mapping[str, int], *, now: datetime) -> list[Lost]:
    """End a restore, in one transaction: raise all numbers, run what rooms have registered, record the generation."""
    lost = lost_since(manifest, told)
    with write():
        for each in lost:
            marks.source_of(each.series).raise_to(each.series, each.last)
        for function in _after:
            function(now)
        row = Generation.create(
            taken_at=manifest.taken_at,
            restored_at=now,
            lost=[[each.series, each.first, each.last] for each in lost],
        )
        audit.note(
            "BackupRestored",
            str(row.id),
            by=SYSTEM,
            now=now,
            taken_at=manifest.taken_at.isoformat(),
            head=manifest.audit_head,
            lost={each.series: [each.first, each.last] for each in lost},
        )
    return lost


def newest() -> tuple[Generation, list[Lost]] | None:
    """Return the last restore and what it lost; None when there was none."""
    row: Generation | None = Generation.select().order_by(Generation.id.desc()).first()
    return (row, [Lost(*each) for each in row.lost]) if row else None


def is_recent(row: Generation, now: datetime) -> bool:
    """Is a restore so recent that the administrator should still read of it?"""
    return bool(now - row.restored_at < timedelta(days=7))


def day_of(series: str) -> tuple[str, date | None]:
    """Split a series of a session's tokens into its specialty's code and day; of any other, its name and None."""
    if series.startswith("token-"):
        return series.removeprefix("token-")[:-11], date.fromisoformat(series[-10:])
    return series, None
