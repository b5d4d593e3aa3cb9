"""The scrub: stored files are read again, slowly, and compared with their checksums, before somebody needs them (F46).

A few megabytes a minute, at most once a day from the first file to the last. What is found is in `damaged_file` until
the file is whole again: the overview, `portal check` and the metrics tell it, and the log names each file. A damaged
file is never served meanwhile, as whoever reads one compares it too.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee
import structlog

from portal.base import clock
from portal.keeping.models import Scrub
from portal.settings.backups import BackupRules
from portal.store.db import claim, database, release, write
from portal.store.filing import current
from portal.store.filing.kinds import CHUNK, StoreDown
from portal.store.kept.files import KEPT, Kept
from portal.work import damage, jobs

EVERY, PASS = timedelta(seconds=55), timedelta(days=1)  # a sweep of each minute, also where one came a little early
SECONDS = 20.0  # of each minute, at most
AT_ONCE = 50
SAVED = ("place", "last_id", "began_at", "finished_at", "files", "bytes", "owed", "version")
MB = 1024 * 1024
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Named:
    """A file as a row names it."""

    kept: Kept
    row_id: int
    name: str
    sha256: str

    @property
    def key(self) -> str:
        """Its key in the store."""
        return f"{self.kept.folder}/{self.name}"


@jobs.sweep(every=60)
def scrub_when_due(now: datetime) -> None:
    """Enqueue the part of this minute, on one worker; a pass begins a day after the last one began."""
    if not BackupRules.in_force().scrub_megabytes:
        return
    row = Scrub.get_or_none(Scrub.id == 1) or _first(now)
    is_resting = row.place == "" and row.began_at is not None and now - row.began_at < PASS
    if not is_resting and claim(Scrub.update(next_at=now + EVERY).where((Scrub.id == 1) & (Scrub.next_at <= now))):
        jobs.enqueue(scrub_files, 1)


@jobs.job
def scrub_files(row_id: int, now: datetime) -> None:
    """Read on from where the last part ended: as many bytes as one minute may, and the rest of the last file."""
    row = Scrub.get_by_id(row_id)
    if row.place == "":
        row.began_at, row.files, row.bytes, row.place = now, 0, 0, KEPT[0].table
    left, ends = BackupRules.in_force().scrub_megabytes * MB - row.owed, clock.monotonic() + SECONDS
    as_read = row.version
    try:
        while left > 0 and row.place and clock.monotonic() < ends:
            left -= _read_some(row, left, now)
    except StoreDown as error:
        log.warning("scrub_waits", error=str(error))
    row.owed, row.version = max(-left, 0), as_read + 1
    if row.place == "":
        row.finished_at = now
        _forget_gone()
    changes = {name: getattr(row, name) for name in SAVED}
    claim(Scrub.update(**changes).where((Scrub.id == row_id) & (Scrub.version == as_read)))


def _first(now: datetime) -> Scrub:
    """Make the row; workers that do so together share one."""
    Scrub.insert(id=1, next_at=now).on_conflict_ignore().execute()
    return Scrub.get_by_id(1)


def _read_some(row: Scrub, most: int, now: datetime) -> int:
    """Read the next files, until `most` bytes are read; return how many were. Moves the row's place on."""
    kept = next((each for each in KEPT if each.table == row.place), KEPT[0])
    found, total = list(_after(kept, row.last_id)), 0
    release()
    for file in found:
        size, is_intact = _compare(file)
        total += size
        row.last_id, row.files, row.bytes = file.row_id, row.files + 1, row.bytes + size
        if is_intact or _is_still_named(file):
            _note(file, is_intact, now)
        if total >= most:
            return total
    if len(found) < AT_ONCE:
        row.place, row.last_id = _following(kept), 0
    return total


def _compare(file: Named) -> tuple[int, bool]:
    """Read a file; return its bytes, and whether it is what its row says. Raises StoreDown."""
    digest, size = hashlib.sha256(), 0
    try:
        with current.store().reading(file.key) as (stream, _size):
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except StoreDown:
        raise
    except OSError as error:  # it is missing, or the disk cannot read it
        log.warning("file_not_read", key=file.key, error=error.strerror)
        return size, False
    return size, digest.hexdigest() == file.sha256


def _note(file: Named, is_intact: bool, now: datetime) -> None:
    if not is_intact:
        log.error("file_damaged", key=file.key)
    damage.note(file.kept.folder, file.name, is_intact=is_intact, now=now)


def _after(kept: Kept, last_id: int) -> Iterator[Named]:
    table = _table(kept)
    rows = table.select(table.id, table.stored_name, table.sha256)
    further = rows.where((table.id > last_id) & (table.stored_name != "")).order_by(table.id).limit(AT_ONCE)
    return (Named(kept, *row) for row in further.tuples().execute())


def _is_still_named(file: Named) -> bool:
    """Does a row still name this very file? It may be deleted or replaced while it is read."""
    table = _table(file.kept)
    same = (table.id == file.row_id) & (table.stored_name == file.name) & (table.sha256 == file.sha256)
    return bool(table.select(table.id).where(same).tuples().execute())


def _following(kept: Kept) -> str:
    """Return the next table; "" after the last."""
    place = KEPT.index(kept) + 1
    return KEPT[place].table if place < len(KEPT) else ""


def _forget_gone() -> None:
    """Take files off the list of damaged ones that no row names any more."""
    for row in list(damage.DamagedFile.select()):
        named = (_table(kept) for kept in KEPT if kept.folder == row.kind)
        if not any(table.select(table.id).where(table.stored_name == row.uid).tuples().execute() for table in named):
            with write():
                row.delete_instance()


def _table(kept: Kept) -> Any:
    return peewee.Table(kept.table, ("id", "stored_name", "sha256")).bind(database)
