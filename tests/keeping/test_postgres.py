"""PostgreSQL's programs: a dump of a snapshot, loaded in one transaction or not at all."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from portal.keeping import postgres
from portal.keeping.manifest import Unusable
from tests.postgres import running_postgres


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server whose database has one table of three rows."""
    with running_postgres() as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept (id serial PRIMARY KEY, word text)")
            connection.execute("INSERT INTO kept (word) VALUES ('a'), ('b'), ('c')")
        yield url


@pytest.fixture
def dump(server: str, tmp_path: Path) -> Path:
    """A dump of it."""
    with postgres.snapshot(server) as (name, _ask):
        postgres.dump(server, name, tmp_path / "d")
    return tmp_path / "d"


def count(url: str, schema: str = "public") -> int:
    return int(postgres.rows(url, f"SELECT count(*) FROM {schema}.kept")[0][0])  # noqa: S608 this file's own


def test_a_dump_and_the_questions_see_the_snapshot_not_what_came_later(server: str, tmp_path: Path) -> None:
    with postgres.snapshot(server) as (name, ask):
        with psycopg.connect(server) as other:
            other.execute("INSERT INTO kept (word) VALUES ('later')")
        before = next(ask("SELECT count(*) FROM kept"))[0]
        postgres.dump(server, name, tmp_path / "d")
    assert count(server) == before + 1
    with postgres.scratch_database(server) as url:
        assert url is not None
        postgres.load(url, tmp_path / "d")
        assert count(url) == before


def test_what_is_there_is_set_aside_and_can_be_put_back(server: str, dump: Path) -> None:
    before = count(server)
    postgres.load(server, dump, aside="before_x")
    with psycopg.connect(server) as connection:
        connection.execute("DELETE FROM public.kept")
    assert (count(server), count(server, "before_x")) == (0, before)
    postgres.put_back(server, "before_x")
    assert count(server) == before


def test_a_dump_that_ends_too_early_changes_nothing(server: str, dump: Path) -> None:
    before = count(server)
    dump.write_bytes(dump.read_bytes()[:-40])
    with pytest.raises(Unusable, match="is as it was"):
        postgres.load(server, dump, aside="before_y")
    assert count(server) == before
    assert postgres.rows(server, "SELECT 1 FROM pg_namespace WHERE nspname = 'before_y'") == []


def test_an_account_that_may_not_create_databases_is_told_apart(server: str) -> None:
    with psycopg.connect(server) as connection:
        connection.execute("CREATE ROLE weak LOGIN")
    with postgres.scratch_database(server.replace("portal@", "weak@")) as url:
        assert url is None


def test_no_password_stands_on_the_command_line(server: str) -> None:
    with postgres._address(server.replace("portal@", "portal:se:cret@")) as address:
        assert "se:cret" not in address
        file = address.partition("passfile=")[2].split()[0].strip("'")
        assert Path(file).read_text() == "*:*:*:*:se\\:cret\n"
        assert Path(file).stat().st_mode & 0o077 == 0
    assert not Path(file).exists()
