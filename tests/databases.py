"""A fresh database for every test, on either engine: all tables made once, then copied."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from portal.core import schema
from portal.core.db import database, open_database
from tests.plugin_tables import migrate_plugins
from tests.servers import running_postgres


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


# Empties what a test has filled, and puts back what the migrations wrote. Triggers keep out: audit rows refuse to go.
RESET = """
DO $$ DECLARE t text; BEGIN
  SET LOCAL session_replication_role = replica;
  FOR t IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
    IF t LIKE 'migrations%' THEN CONTINUE; END IF;
    EXECUTE 'SELECT reset_table($1)' USING t;
  END LOOP;
END $$
"""
RESET_TABLE = """
CREATE FUNCTION reset_table(t text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE filled boolean; own regclass := to_regclass('pristine.' || t); ids text := pg_get_serial_sequence(t, 'id');
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', t) INTO filled;
  IF filled THEN EXECUTE format('DELETE FROM %s', t); END IF;
  IF own IS NOT NULL THEN EXECUTE format('INSERT INTO %s TABLE %s', t, own); END IF;
  IF ids IS NOT NULL AND own IS NULL THEN EXECUTE format('ALTER SEQUENCE %s RESTART', ids); END IF;
END $$
"""


class Postgres:
    """One database for each worker, emptied before the next test: making one takes ten times as long."""

    def __init__(self, url: str) -> None:
        self._url = f"{url.rpartition('/')[0]}/tests"
        self._do(url, "CREATE DATABASE tests")
        real = open_database(self._url)
        _migrate()
        real.close_all()
        self._do(self._url, "CREATE SCHEMA pristine", RESET_TABLE)
        for name in ("audit_head", "plugin_revision"):
            self._do(self._url, f"CREATE TABLE pristine.{name} AS TABLE public.{name}")

    def fresh(self, data_dir: Path) -> str:
        self._do(self._url, RESET)
        return self._url

    def _do(self, url: str, *statements: str) -> None:
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)  # type: ignore[arg-type]


def close_database() -> None:
    """Close every connection of the portal in this process."""
    database.close()
    if hasattr(database.obj, "close_all"):
        database.obj.close_all()


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
