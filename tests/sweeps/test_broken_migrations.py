"""A migration that breaks off at a statement is run again, and ends as if nothing had been (F37).

At its middle and last statement, one that is no single transaction at each of them; with `BREAKS=all` all are.
"""

import os
from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import peewee
import playhouse.migrations
import pytest

from portal.addresses import ConfigError
from portal.base import keys
from portal.server import tables
from portal.store.db import close_database, database, is_sqlite, open_database
from tests.databases import SECRET_KEY, Engine, Postgres

HISTORY = "migrations_"


@pytest.fixture
def opened(tmp_path: Path, databases: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """opened(name): an empty database of the engine."""
    keys.install(SECRET_KEY)
    load = playhouse.migrations.Migration.load_directory  # 72 files are compiled once, not once for every break
    monkeypatch.setattr(playhouse.migrations.Migration, "load_directory", cache(load))

    def empty(name: str) -> None:
        close_database()
        if isinstance(databases, Postgres):
            with databases._connected(databases._url) as connection:
                connection.execute(f"CREATE DATABASE {name}")
            open_database(f"{databases._url.rpartition('/')[0]}/{name}")
        else:
            open_database(f"sqlite:///{tmp_path / name}.db")
            database.execute_sql("PRAGMA synchronous = OFF")  # the process breaks off, not the machine

    yield empty
    close_database()
    if isinstance(databases, Postgres):
        with databases._connected(databases._url) as connection:
            for name in ("whole", "broken"):
                connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def schema() -> list[str]:
    """Every table, column, index and trigger, and how many rows each migration has put there."""
    if is_sqlite():
        made = [
            sql for (sql,) in database.execute_sql("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        ]
    else:
        columns = (
            "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
        )
        indexes = "SELECT tablename, indexdef, '', '', '' FROM pg_indexes WHERE schemaname = 'public'"
        triggers = (
            "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid), '', '', '' FROM pg_trigger WHERE NOT tgisinternal"
        )
        public = f"{columns} WHERE table_schema = 'public'"
        made = [str(row) for sql in (public, indexes, triggers) for row in database.execute_sql(sql).fetchall()]
    rows = [
        f"{name} {database.execute_sql(f'SELECT count(*) FROM {name}').fetchone()}"  # noqa: S608
        for name in sorted(database.get_tables())
        if not name.startswith(HISTORY)
    ]
    return sorted(made) + rows


def runs(patch: pytest.MonkeyPatch, step: Any, folder: Path, breaks_at: int = 0) -> int:
    """Run a migration whose n-th statement fails; return how many it came to. Raises what it makes of the failure."""
    numbers, real, last = count(1), database.obj.execute_sql, 0

    def counted(sql: str, *args: Any, **options: Any) -> Any:
        nonlocal last
        last = next(numbers)
        if last == breaks_at:
            raise peewee.OperationalError("disk I/O error")
        return real(sql, *args, **options)

    with patch.context() as within:
        within.setattr(database.obj, "execute_sql", counted)
        tables._run_migration(step, folder)
    return last


def waiting() -> set[str]:
    return {str(step) for step, _folder in tables.pending_steps()}


def test_a_migration_that_breaks_off_is_run_again_and_ends_the_same(opened, monkeypatch: pytest.MonkeyPatch) -> None:
    opened("whole")
    statements = {str(step): runs(monkeypatch, step, folder) for step, folder in tables.pending_steps()}
    whole = schema()
    opened("broken")
    broken = 0
    for step, folder in tables.pending_steps():
        most = statements[str(step)]
        every = os.environ.get("BREAKS") == "all" or not step.is_whole
        places = range(1, most + 1) if every else sorted({most // 2, most if is_sqlite() else most // 2})
        for place in places:
            try:
                runs(monkeypatch, step, folder, place)
            except (ConfigError, peewee.PeeweeException) as error:
                assert "disk I/O error" in str(error)  # noqa: PT017 some places do not break
                broken += 1
            if str(step) not in waiting():
                break  # it had fewer statements left, or what failed came after it was noted as done
        else:
            runs(monkeypatch, step, folder)
    assert waiting() == set()
    assert schema() == whole
    assert broken >= len(statements)
