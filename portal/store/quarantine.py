"""Quarantine of orphaned files (in no row): moved, not deleted, as the database may be the one that is wrong.

A worker started on an older, different or restored database does not know the newest files. So a few orphans are what
crashes leave behind and are kept for 30 days; many are a sign of that, and are reported and left in place.
"""

import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import structlog

from portal.base.clock import clinic_day

FEW = 5
OLD = timedelta(hours=1)  # newer files may belong to a transaction that has not committed
KEPT = timedelta(days=30)
HOURS_AFTER_START = 3.0
GRACE = HOURS_AFTER_START * 3600
log = structlog.get_logger(__name__)
_folder = Path("quarantine")


@dataclass(frozen=True)
class Orphans:
    """Counts: orphans in quarantine, and orphans left in place because they were more than a few."""

    set_aside: int
    left: int


def install(data_dir: Path) -> None:
    """Set the quarantine folder (the application factory does)."""
    global _folder
    _folder = data_dir / "quarantine"


def count() -> Orphans:
    """Count the orphans, for checks and the administrator."""
    aside = sum(1 for _path in _folder.glob("*/*/*"))
    return Orphans(aside, sum(_noted(path) for path in _folder.glob("*.left")))


def quarantine_orphans(folder: Path, known: Callable[[], Iterable[str]], *, now: datetime) -> None:
    """Quarantine the orphans of a folder: at most FEW; more are only reported. `known` returns the names in rows."""
    old = now.timestamp() - OLD.total_seconds()
    found = [path for path in folder.glob("*") if path.is_file() and path.stat().st_mtime < old]
    names = set(known())  # read after the folder, so that files stored meanwhile are included
    orphans = [path for path in found if path.name not in names]
    note = _folder / f"{folder.name}.left"
    if len(orphans) > FEW:
        log.error("many_unknown_files", folder=folder.name, files=len(orphans))
        _folder.mkdir(parents=True, exist_ok=True)
        note.write_text(str(len(orphans)))
        return
    note.unlink(missing_ok=True)
    for path in orphans:
        _set_aside(path, now)


def end_of_quarantine(now: datetime) -> None:
    """Delete what has been in quarantine for longer than KEPT. Anything else in the folder is left alone."""
    for folder in _folder.glob("*/"):
        day = _day(folder.name)
        if day is None or now.date() - day <= KEPT:
            continue
        try:
            shutil.rmtree(folder)
        except OSError as error:
            log.warning("quarantine_stays", day=folder.name, error=type(error).__name__)
        else:
            log.warning("quarantine_over", day=folder.name)


def _day(name: str) -> date | None:
    """Parse the day of a quarantine folder's name; None for a folder that is not ours."""
    with suppress(ValueError):
        day = date.fromisoformat(name)
        return day if name == day.isoformat() else None
    return None


def _set_aside(path: Path, now: datetime) -> None:
    target = _folder / clinic_day(now).isoformat() / path.parent.name
    target.mkdir(parents=True, exist_ok=True)
    path.rename(target / path.name)
    log.warning("unknown_file_set_aside", folder=path.parent.name, file=path.name)


def _noted(note: Path) -> int:
    with suppress(OSError, ValueError):
        return int(note.read_text())
    return 0
