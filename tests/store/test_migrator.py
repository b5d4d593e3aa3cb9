"""Which code works beside a migration, and what is noted of it in the database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import peewee
import psycopg
import pytest

from portal.store import migrator
from portal.store.db import database, is_sqlite
from portal.store.migrator import SchemaStep, Step, build_index
from portal.store.numbers import Counter
from tests.servers import wait_for

ONE, TWO = frozenset({"0001_a"}), frozenset({"0001_a", "0002_b"})


@pytest.mark.parametrize(
    ("serves", "stops"),
    [("", False), ("0001_a", False), ("0002_b", True), ("0003_c", True)],
    ids=["expands", "serves what came before", "serves a later one", "serves itself"],
)
def test_code_stops_before_what_does_not_serve_it(serves, stops):
    assert Step("core", "0003_c", serves, True, frozenset()).stops(ONE) is stops


def test_code_never_stops_before_a_migration_that_it_knows():
    assert not Step("core", "0002_b", "0002_b", True, frozenset()).stops(TWO)


def test_notes_of_newer_migrations_refuse_code_that_they_do_not_serve(db):
    for name, serves in (("9001_added", ""), ("9002_taken", "9001_added"), ("9003_of_a_plugin", "9003_of_a_plugin")):
        owner = "nobody" if "plugin" in name else "core"
        SchemaStep.create(owner=owner, name=name, serves=serves)
    known = {"core": frozenset(migrator.names())}
    assert migrator.refusing(known) == ["core/9002_taken"]
    assert migrator.refusing({"core": known["core"] | {"9001_added"}}) == []
    assert migrator.unserved() == ["9002_taken"]


def test_a_note_is_taken_back_unless_the_migration_was_applied(db):
    applied = sorted(migrator.names())[-1]
    steps = [Step("core", name, name, True, frozenset()) for name in ("9001_failed", applied)]
    assert migrator.note(steps)
    migrator.take_back(steps)
    assert [row.name for row in SchemaStep.select()] == [applied]


NAME, ON = "counter_last", '"counter" ("last")'


@pytest.fixture
def busy(db, config) -> Iterator[psycopg.Connection]:
    """PostgreSQL, with another's transaction that has written to the table `counter` and is open."""
    if is_sqlite():
        pytest.skip("builds beside writers run with --database postgresql")
    with psycopg.connect(config.database_url) as other:
        other.execute("INSERT INTO counter (series, last) VALUES ('open', 1)")
        yield other
        other.rollback()
        database.execute_sql(f'DROP INDEX IF EXISTS "{NAME}"')


@contextmanager
def building(other: psycopg.Connection) -> Iterator[int]:
    """Build the index beside the open transaction; yield the process of the build once it waits."""
    with ThreadPoolExecutor(1) as builder:
        built = builder.submit(_build)
        try:
            yield wait_for(_builder, "the build to wait")
        finally:
            other.rollback()
        built.result()


def _build() -> None:
    with database.connection_context():
        build_index(database.obj, NAME, ON)


def _builder() -> int | None:
    waits = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%%' AND wait_event_type = 'Lock'"
    found = database.execute_sql(waits, ()).fetchone()
    return found[0] if found else None


def is_valid() -> bool | None:
    found = database.execute_sql(migrator.IS_VALID, (NAME,)).fetchone()
    return found[0] if found else None


def test_no_writer_waits_while_an_index_is_built(busy):
    """Behind a plain build, which waits for the open transaction, every writer would."""
    with building(busy):
        database.execute_sql("SET lock_timeout = 500")
        Counter.create(series="meanwhile", last=2)
        database.execute_sql("RESET lock_timeout")
        assert is_valid() is False
    assert is_valid()


def test_an_index_whose_build_was_killed_is_made_anew(busy):
    with pytest.raises(peewee.OperationalError), building(busy) as process:
        database.execute_sql("SELECT pg_terminate_backend(%s)", (process,))
    assert is_valid() is False
    _build()
    assert is_valid()


def test_an_index_that_is_there_already_is_left_alone(db):
    for _ in range(2):
        build_index(database.obj, NAME, ON)
    assert [index.name for index in database.get_indexes("counter")].count(NAME) == 1
    database.execute_sql(f'DROP INDEX "{NAME}"')
