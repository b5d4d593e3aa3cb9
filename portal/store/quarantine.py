"""Quarantine of orphaned files (in no row): moved, not deleted, as the database may be the one that is wrong.

A worker started on an older, different or restored database does not know the newest files. So a few orphans are what
crashes leave behind and are kept for 30 days; many are a sign of that, and are reported and left in place.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

import peewee
import structlog

from portal.base.clock import clinic_day
from portal.store.filing import current, notes
from portal.store.filing.kinds import Found

FEW = 5
AT_ONCE = 500  # names asked for in one query
OLD = timedelta(hours=1)  # newer files may belong to a transaction that has not committed
KEPT = timedelta(days=30)
HOURS_AFTER_START = 3.0
GRACE = HOURS_AFTER_START * 3600
Known = Callable[[set[str]], set[str]]  # of these names, those that are in rows
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Orphans:
    """Counts: orphans in quarantine, and orphans left in place because they were more than a few."""

    set_aside: int
    left: int


def count() -> Orphans:
    """Count the orphans as the last sweeps have seen them, for checks and the administrator."""
    return Orphans(notes.sum_of(notes.SET_ASIDE), notes.sum_of(notes.LEFT))


def named_by(*columns: peewee.Field) -> Known:
    """Return what finds those of some names that stand in one of these columns."""

    def known(names: set[str]) -> set[str]:
        rows = (column.model.select(column).where(column.in_(sorted(names))).tuples() for column in columns)
        return {name for some in rows for (name,) in some}

    return known


def quarantine_orphans(folder: str, known: Known, *, now: datetime) -> None:
    """Quarantine the orphans of a folder: at most FEW; more are only reported. Memory: one batch of names."""
    first, number = [], 0
    for each in _orphans(folder, known, now.timestamp() - OLD.total_seconds()):
        number += 1
        first += [each] if number <= FEW else []
    is_many = number > FEW
    notes.put(f"{notes.LEFT} {folder}", number=number if is_many else 0, now=now)
    if is_many:
        log.error("many_unknown_files", folder=folder, files=number)
        return
    for each in first:
        _set_aside(each, folder, now)
    if first:
        notes.put(notes.SET_ASIDE, number=sum(1 for _each in current.store().listed(current.QUARANTINE)), now=now)


def end_of_quarantine(now: datetime) -> None:
    """Delete what has been in quarantine for longer than KEPT. Anything else in the folder is left alone."""
    left = 0
    for each in list(current.store().listed(current.QUARANTINE)):
        day = _day(each.key)
        if day is None or now.date() - day <= KEPT:
            left += day is not None
            continue
        try:
            current.store().delete(each.key)
        except OSError as error:
            log.warning("quarantine_stays", file=each.name, error=type(error).__name__)
            left += 1
        else:
            log.warning("quarantine_over", file=each.name)
    notes.put(notes.SET_ASIDE, number=left, now=now)


def _orphans(folder: str, known: Known, before: float) -> Iterator[Found]:
    """Yield the older files of a folder that no row names. Rows are read after the file: none is too new."""
    older = (each for each in current.store().listed(folder) if each.written_at < before)
    while some := list(islice(older, AT_ONCE)):
        names = known({each.name for each in some})
        yield from (each for each in some if each.name not in names)


def _day(key: str) -> date | None:
    """Parse the day of a key in quarantine; None for what is not ours."""
    _quarantine, name, *rest = [*key.split("/"), ""]
    with suppress(ValueError):
        day = date.fromisoformat(name)
        return day if name == day.isoformat() and len(rest) > 1 else None
    return None


def _set_aside(found: Found, folder: str, now: datetime) -> None:
    current.store().move(found.key, f"{current.QUARANTINE}/{clinic_day(now).isoformat()}/{folder}/{found.name}")
    log.warning("unknown_file_set_aside", folder=folder, file=found.name)
