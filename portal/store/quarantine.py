"""Files that no row knows: set aside, not deleted, for perhaps it is the database that is wrong.

A worker started on an older, another or a restored database knows nothing of the newest files. So a few strays are what
crashes leave behind and are set aside for a month; many are a sign, and are told and left where they are.
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
OLD = timedelta(hours=1)  # younger ones may belong to a transaction that is not over
KEPT = timedelta(days=30)
HOURS_AFTER_START = 3.0
PATIENCE = HOURS_AFTER_START * 3600
log = structlog.get_logger(__name__)
_folder = Path("quarantine")


@dataclass(frozen=True)
class Strays:
    """How many files are set aside, and how many more than a few were found and left alone."""

    set_aside: int
    left: int


def install(data_dir: Path) -> None:
    """Say where strays are kept (the application factory does)."""
    global _folder
    _folder = data_dir / "quarantine"


def count() -> Strays:
    """What an administrator has to know."""
    aside = sum(1 for _path in _folder.glob("*/*/*"))
    return Strays(aside, sum(_noted(path) for path in _folder.glob("*.left")))


def set_strays_aside(folder: Path, known: Callable[[], Iterable[str]], *, now: datetime) -> None:
    """Move files whose names nobody knows out of a folder: a few, and never more than a few."""
    old = now.timestamp() - OLD.total_seconds()
    found = [path for path in folder.glob("*") if path.is_file() and path.stat().st_mtime < old]
    names = set(known())  # read after the folder: what was stored meanwhile is known by now
    strays = [path for path in found if path.name not in names]
    note = _folder / f"{folder.name}.left"
    if len(strays) > FEW:
        log.error("many_unknown_files", folder=folder.name, files=len(strays))
        _folder.mkdir(parents=True, exist_ok=True)
        note.write_text(str(len(strays)))
        return
    note.unlink(missing_ok=True)
    for path in strays:
        _set_aside(path, now)


def end_of_quarantine(now: datetime) -> None:
    """Delete what was set aside a month ago and nobody has missed. What stands there otherwise is left alone."""
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
    """The day that a folder is named after; None for a folder that is not ours."""
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
