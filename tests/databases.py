"""A fresh database for every test, on either engine: migrated once, then copied or emptied."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from portal.base import keys
from portal.store import migrator
from portal.store.db import database, open_database
from tests.plugin_tables import migrate_plugins
from tests.postgres import running_postgres

if TYPE_CHECKING:
    import psycopg

SECRET_KEY = "a test key that is long enough to be allowed"


class Engine(Protocol):
    """A provider of fresh databases."""

    def fresh(self, data_dir: Path) -> str:
        """Return the URL of an empty, migrated database."""


class Sqlite:
    """SQLite: copies a template file."""

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


# Empties the tables a test has written, and restores rows of migrations. Triggers are off: they forbid deleting audit
# rows. Only touched tables: there are seventy, and a test writes to ten.
PRISTINE = """
CREATE SCHEMA pristine;
CREATE TABLE pristine.audit_head AS TABLE public.audit_head;
CREATE TABLE pristine.audit_shard AS TABLE public.audit_shard;
CREATE TABLE pristine.plugin_revision AS TABLE public.plugin_revision;
CREATE TABLE pristine.plan AS
  SELECT quote_ident(tablename) AS name, pg_get_serial_sequence(quote_ident(tablename), 'id') AS ids,
         to_regclass('pristine.' || quote_ident(tablename)) AS own
  FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'migrations%';
CREATE FUNCTION pristine.reset() RETURNS void LANGUAGE plpgsql SET session_replication_role = replica AS $$
DECLARE this record; found boolean;
BEGIN
  FOR this IN SELECT * FROM pristine.plan LOOP
    EXECUTE 'SELECT EXISTS (SELECT 1 FROM ' || this.name || ')' INTO found;
    IF found THEN EXECUTE 'DELETE FROM ' || this.name; END IF;
    IF this.own IS NOT NULL THEN
      EXECUTE 'INSERT INTO ' || this.name || ' TABLE ' || this.own;
    ELSIF this.ids IS NOT NULL THEN
      EXECUTE 'SELECT is_called FROM ' || this.ids INTO found;
      IF found THEN PERFORM setval(this.ids, 1, false); END IF;
    END IF;
  END LOOP;
END $$
"""


class Postgres:
    """PostgreSQL: one database per worker, truncated before the next test: creating one takes ten times as long."""

    def __init__(self, url: str) -> None:
        self._url = f"{url.rpartition('/')[0]}/tests"
        with self._connected(url) as connection:
            connection.execute("CREATE DATABASE tests")
        real = open_database(self._url)
        _migrate()
        real.close_all()
        self._own = self._connected(self._url)
        self._own.execute(PRISTINE)

    def fresh(self, data_dir: Path) -> str:
        self._own.execute("SELECT pristine.reset()")
        return self._url

    def close(self) -> None:
        self._own.close()

    def _connected(self, url: str) -> "psycopg.Connection[Any]":
        import psycopg

        return psycopg.connect(url, autocommit=True)


@contextmanager
def engine(name: str, folder: Path) -> Iterator[Engine]:
    """Start the provider of an engine."""
    if name == "sqlite":
        yield Sqlite(folder)
        return
    with running_postgres() as url, closing(Postgres(url)) as found:
        yield found


def _migrate() -> None:
    keys.install(SECRET_KEY)  # migrations seal the ends of the audit chains
    migrator.runner().up()
    migrate_plugins()
