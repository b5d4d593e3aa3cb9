"""High-water marks of the numbers that people were told, outside the database (safety.md F40).

After a restore the database has forgotten the newest numbers; the marks have not, so none is given twice. Each number
is appended to a file of this machine and day before the transaction that draws it ends: so a mark may be of a number
that was rolled back, but no number that was told is without its mark. The line is in the kernel's hands when the number
is told, and survives the end of any process; it is not synced, as the database beside it is.
"""

import os
import re
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import structlog

from portal.base import clock
from portal.store.private import keep

FOLDER = "marks"
KEPT = timedelta(days=366)  # for the numbers of a day
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}$")
LINE = re.compile(r"([a-z0-9_-]+) ([0-9]{1,12})")
_host = re.sub(r"[^a-z0-9-]", "-", socket.gethostname().lower())[:60] or "host"
log = structlog.get_logger(__name__)
_folder = Path(FOLDER)
_lock = threading.Lock()
_open: tuple[Path, int] | None = None  # today's file and its descriptor


@dataclass(frozen=True)
class Source:
    """Where numbers come from: SQL of (series, last), and what raises the last number of a series after a restore.

    `prefix` of its series' names; the source without one has all others. `raise_to` is called in a transaction.
    """

    prefix: str
    query: str
    raise_to: Callable[[str, int], None]


SOURCES: dict[str, Source] = {}


def install(folder: Path) -> None:
    """Set the folder of the marks (the application factory does)."""
    global _folder
    _folder = folder


def tells(prefix: str, query: str) -> Callable[[Callable[[str, int], None]], Callable[[str, int], None]]:
    """Register a source of numbers by its function that raises a series to at least a number."""

    def register(function: Callable[[str, int], None]) -> Callable[[str, int], None]:
        SOURCES[prefix] = Source(prefix, query, function)
        return function

    return register


def source_of(series: str) -> Source:
    """Return the source of a series."""
    return next(one for prefix, one in sorted(SOURCES.items(), reverse=True) if series.startswith(prefix))


def note(series: str, number: int) -> None:
    """Note a number that is being drawn. A disk that fails is logged: the number is given all the same."""
    path = _folder / f"{_host}.{clock.now():%Y-%m-%d}.log"
    try:
        os.write(_descriptor(path), f"{series} {number}\n".encode())
    except OSError as error:
        log.error("mark_not_noted", series=series, number=number, error=error.strerror)  # noqa: TRY400 one line


def read(*folders: Path) -> dict[str, int]:
    """Read the highest number of each series from all files of these folders; a cut line is skipped."""
    return highest(*(_pairs(path) for folder in folders for path in sorted(folder.glob("*.log"))))


def highest(*told: Iterable[tuple[str, Any]]) -> dict[str, int]:
    """Return the highest number of each series."""
    found: dict[str, int] = {}
    for series, number in (pair for pairs in told for pair in pairs):
        found[series] = max(found.get(series, 0), int(number))
    return found


def fold(before: date) -> None:
    """Fold this machine's files of the days before into one, so that there are few lines to read."""
    whole = _folder / f"{_host}.log"
    old = [path for path in _folder.glob(f"{_host}.*-*-*.log") if _day(path) < before.isoformat()]
    if old:
        told = highest(*(_pairs(path) for path in (whole, *old)))
        told = {series: number for series, number in told.items() if not _is_long_past(series, before)}
        keep(whole, "".join(f"{series} {number}\n" for series, number in sorted(told.items())).encode())
        for path in old:
            path.unlink(missing_ok=True)


def _is_long_past(series: str, today: date) -> bool:
    """Is it of a day that nobody can go back to?"""
    found = DAY.search(series)
    return found is not None and found[0] < (today - KEPT).isoformat()


def _descriptor(path: Path) -> int:
    """Return the descriptor of today's file, opened once by each process; each line is appended whole."""
    global _open
    current = _open
    if current is not None and current[0] == path:
        return current[1]
    with _lock:
        if _open is None or _open[0] != path:
            path.parent.mkdir(parents=True, exist_ok=True)
            _open = path, os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)  # yesterday's may be in use
        return _open[1]


def _pairs(path: Path) -> list[tuple[str, str]]:
    return [(found[1], found[2]) for line in _lines(path) if (found := LINE.fullmatch(line.strip()))]


def _lines(path: Path) -> list[str]:
    with suppress(OSError):
        return path.read_text("ascii", errors="replace").splitlines()
    return []


def _day(path: Path) -> str:
    return path.name.removeprefix(f"{_host}.").removesuffix(".log")
