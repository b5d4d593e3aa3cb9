"""A fresh database for every test, on either engine: all tables made once, then copied."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

from portal.core import schema
from portal.core.db import database, open_database
from tests.plugin_tables import migrate_plugins
from tests.servers import running_postgres

_serial = count(1)


class Engine(Protocol):
    """Where tests keep their data."""

    def fresh(self, data_dir: Path) -> str:
        """The URL of an empty database with all tables."""


class Sqlite:
    """A file, copied."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "portal.db"
        real = open_database(f"sqlite:///{self._file}")
        _migrate()
        database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        real.close()

    def fresh(self, data_dir: Path) -> str:
        path = data_dir / "portal.db"
        path.write_bytes(self._file.read_bytes())
        return f"sqlite:///{path}"


class Postgres:
    """A database made from a template."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._do("CREATE DATABASE migrated")
        real = open_database(self._named("migrated"))
        _migrate()
        real.close_all()

    def fresh(self, data_dir: Path) -> str:
        name = f"test{next(_serial)}"
        self._do(f"CREATE DATABASE {name} TEMPLATE migrated")
        return self._named(name)

    def _named(self, name: str) -> str:
        return f"{self._url.rpartition('/')[0]}/{name}"

    def _do(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]


@contextmanager
def engine(name: str, folder: Path) -> Iterator[Engine]:
    """The engine of this run, ready to give databases."""
    if name == "sqlite":
        yield Sqlite(folder)
        return
    with running_postgres(folder / "server") as url:
        yield Postgres(url)


def _migrate() -> None:
    schema.runner().up()
    migrate_plugins()
