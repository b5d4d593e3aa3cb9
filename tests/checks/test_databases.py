"""Databases that are missing, foreign, older, newer, of another key, too small or not durable."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from portal.base import clock as portal_clock
from portal.checks import databases
from portal.store.db import close_database, database
from portal.work.heartbeat import WorkerRow, database_time
from tests.checks.looking import said
from tests.postgres import PostgresServer, running_postgres
from tests.servers import wait_for


def test_a_missing_database_is_found_and_not_made(config, tmp_path):
    path = tmp_path / "none.db"
    assert "There is no database" in said(databases.database, replace(config, database_url=f"sqlite:///{path}"))
    assert not path.exists()


def test_a_damaged_database_is_found(config, tmp_path):
    path = tmp_path / "damaged.db"
    path.write_bytes(b"no database, but long enough to be read as one" * 100)
    assert "not a database" in said(databases.database, replace(config, database_url=f"sqlite:///{path}"))
    close_database()


@contextmanager
def opened(config, path: Path) -> Iterator[None]:
    other = replace(config, database_url=f"sqlite:///{path}")
    path.touch()
    assert said(databases.database, other) == ""
    yield
    close_database()


def test_a_database_of_another_program_is_found(config, tmp_path):
    with opened(config, tmp_path / "shop.db"):
        assert said(databases.foreign_database, config) == ""
        database.execute_sql("CREATE TABLE basket (id INTEGER)")
        assert "tables of another program (basket)" in said(databases.foreign_database, config)


def test_a_migration_that_is_missing_and_one_from_a_newer_version_are_found(config, app, db):
    assert said(databases.migrations, config) == said(databases.newer_schema, config) == ""
    database.execute_sql("UPDATE migrations_core SET name = '9999_later' WHERE name = '0002_out_of_turn'")
    assert "core/9999_later" in said(databases.newer_schema, config)
    assert "core/0002_out_of_turn" in said(databases.migrations, config)
    database.execute_sql("UPDATE migrations_core SET name = '0002_out_of_turn' WHERE name = '9999_later'")
    assert said(databases.migrations, config) == said(databases.newer_schema, config) == ""


def test_a_clock_apart_from_the_databases_is_found_until_it_is_set(config, app, clock):
    clock.set(database_time())
    assert said(databases.database_clock, config) == ""
    clock.tick(90)
    assert "90 seconds ahead of the database's" in said(databases.database_clock, config)
    clock.tick(-180)
    assert "behind" in said(databases.database_clock, config)
    portal_clock.install(portal_clock.Clock())
    assert said(databases.database_clock, config) == ""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_postgres() as url:
        yield url


@pytest.fixture
def postgres(config, server) -> Iterator:
    """A configuration on a PostgreSQL of this file, with an empty database."""
    name = f"{server.rpartition('/')[0]}/checked"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS checked")
        connection.execute("CREATE DATABASE checked")
    yield replace(config, database_url=name)
    close_database()


def statement(server: str, text: str) -> None:
    close_database()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(text)


def test_a_database_that_loses_what_it_answered_is_found_until_it_is_set_right(postgres, server):
    assert said(databases.database, postgres) == ""
    assert ", synchronous_commit." not in said(databases.durability, postgres)  # the tests' server has fsync off
    statement(server, "ALTER DATABASE checked SET synchronous_commit = off")
    assert said(databases.database, postgres) == ""
    assert ", synchronous_commit." in said(databases.durability, postgres)


def test_pages_that_a_disk_has_damaged_are_found(config):
    server = PostgresServer(has_checksums=True)
    server.start()
    own = replace(config, database_url=server.url)
    try:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE visits AS SELECT 'a token' AS text FROM generate_series(1, 300)")
            connection.execute("CHECKPOINT")
            (file,) = connection.execute("SELECT pg_relation_filepath('visits')").fetchone()
        assert said(databases.database, own) == said(databases.page_checksums, own) == ""
        close_database()
        server.kill()
        server.damage(file)
        server.start()
        with psycopg.connect(server.url) as connection, pytest.raises(psycopg.errors.DataCorrupted):
            connection.execute("SELECT * FROM visits")
        assert said(databases.database, own) == ""
        told = wait_for(lambda: said(databases.page_checksums, own), "the count of damaged pages")
        assert "PostgreSQL has read 1 damaged pages of this database" in told
    finally:
        close_database()
        server.stop()


def test_a_server_without_checksums_of_its_pages_is_a_note(postgres):
    assert said(databases.database, postgres) == ""
    (found,) = databases.page_checksums(postgres)
    assert found.is_note
    assert "pg_checksums --enable" in str(found)


def test_an_encoding_without_hindi_is_found(postgres, server):
    assert said(databases.database, postgres) == said(databases.encoding, postgres) == ""
    statement(server, "DROP DATABASE checked")
    statement(server, "CREATE DATABASE checked ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    assert said(databases.database, postgres) == ""
    assert "encoded in LATIN1" in said(databases.encoding, postgres)


def test_more_connections_than_the_server_allows_are_found(postgres):
    statement(postgres.database_url, str(WorkerRow._schema._create_table().query()[0]))
    greedy = replace(postgres, database_connections=5000)
    assert said(databases.database, greedy) == ""
    assert "PORTAL_DATABASE_CONNECTIONS is 5000" in said(databases.connections, greedy)
    assert said(databases.connections, postgres) == ""


def test_nodes_that_each_take_all_connections_are_found_until_each_has_its_share(postgres):
    statement(postgres.database_url, str(WorkerRow._schema._create_table().query()[0]))
    assert said(databases.database, postgres) == ""
    now = database_time()
    WorkerRow.create(name="other-node:1:ab", started_at=now, beat_at=now, has_queue=True)
    assert "2 nodes share PostgreSQL" in said(databases.connections, postgres)
    assert said(databases.connections, replace(postgres, database_connections=40)) == ""


def test_a_server_that_is_away_is_found(postgres):
    away = replace(postgres, database_url="postgresql://portal@127.0.0.1:1/portal")
    assert "PostgreSQL cannot be used" in said(databases.database, away)
