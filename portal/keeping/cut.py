"""One consistent cut of the database while everybody works on, as a file, with queries on that same cut."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from portal.base import clock
from portal.config import sqlite_path
from portal.keeping import postgres
from portal.keeping.manifest import DATABASES
from portal.store.kept import marks

PAGES, PAUSE = 256, 0.002  # a step of SQLite's backup, and the seconds that others have the disk after it
TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename",
}
Tell = Callable[[int, int], None]  # (done, of all)


@dataclass(frozen=True)
class Cut:
    """A cut: its file, and a function that asks it."""

    engine: str
    file: Path
    taken_at: datetime
    ask: Callable[[str], Iterator[tuple[Any, ...]]]

    def one(self, query: str) -> Any:
        """Return the first column of the first row; None without a row."""
        return next(self.ask(query), (None,))[0]

    def rows(self) -> dict[str, int]:
        """Count the rows of each table."""
        return {name: self.one(f'SELECT count(*) FROM "{name}"') for (name,) in list(self.ask(TABLES[self.engine]))}  # noqa: S608

    def numbers(self) -> dict[str, int]:
        """Return the last number of each series."""
        return marks.highest(*(self.ask(source.query) for source in marks.SOURCES.values()))


@contextmanager
def cut(url: str, folder: Path, tell: Tell) -> Iterator[Cut]:
    """Cut the database of this address into a file of this folder; the cut can be asked until the end of the block."""
    source = sqlite_path(url)
    target = folder / DATABASES["sqlite" if source else "postgresql"]
    if source:
        taken_at = _copy(source, target, tell)
        with closing(sqlite3.connect(f"file:{target}?mode=ro", uri=True)) as copy:
            yield Cut("sqlite", target, taken_at, lambda query: iter(copy.execute(query)))
        return
    with postgres.snapshot(url) as (name, ask):
        taken_at = clock.now()
        postgres.dump(url, name, target)
        yield Cut("postgresql", target, taken_at, ask)


def _copy(source: Path, target: Path, tell: Tell) -> datetime:
    """Copy by SQLite's backup API, in steps. An open read transaction pins the cut: no writer makes it begin again."""
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, isolation_level=None)) as live:
        live.execute("PRAGMA busy_timeout = 5000")
        live.execute("BEGIN")
        live.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on, nothing newer is read
        taken_at = clock.now()
        with closing(sqlite3.connect(target)) as copy:
            live.backup(copy, pages=PAGES, sleep=PAUSE, progress=lambda _status, left, all_: tell(all_ - left, all_))
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, whole, without a log beside it
    return taken_at
