"""The clinic behind PgBouncer in transaction mode, where each transaction may have another session of PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import psycopg
import pytest

from portal.base.errors import Unavailable
from portal.store.db import close_database, database, one_at_a_time, open_database, write
from portal.store.postgres import SETTINGS
from portal.store.wait_budget import begin_waiting, waits
from tests.databases import SECRET_KEY
from tests.day.test_plain_http_day import STEPS, begin
from tests.pgbouncer import POOL, running_pgbouncer
from tests.postgres import running_postgres
from tests.servers import Portal, command, need, running_portal


@dataclass
class Places:
    """Addresses of the pool and of PostgreSQL itself."""

    pooled: str
    direct: str

    @property
    def settings(self) -> dict[str, str]:
        """The variables that name them."""
        one_key = {"PORTAL_SECRET_KEY": SECRET_KEY}  # whoever migrates seals the ends of the audit chains
        return {"PORTAL_DATABASE_URL": self.pooled, "PORTAL_DATABASE_DIRECT_URL": self.direct} | one_key


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    """Both, with the tables of the portal."""
    with ExitStack() as stack:
        direct = stack.enter_context(running_postgres())
        found = Places(stack.enter_context(running_pgbouncer(direct)), direct)
        own = {"PORTAL_DEMO": "1", "PORTAL_DATA_DIR": tmp_path_factory.mktemp("first")}
        assert command("migrate", **own, **found.settings).returncode == 0
        yield found


@pytest.fixture(scope="module")
def portal(places: Places, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The demo as `make run` starts it, on the pool."""
    with running_portal(tmp_path_factory.mktemp("portal"), **places.settings) as running:
        yield running


def test_the_whole_day_works_with_fewer_sessions_than_threads(portal, places, tmp_path):
    need("pdftotext", "nobody reads the prescription of the day")
    day = begin(portal)
    for step in STEPS:
        step(day)
    with psycopg.connect(places.direct) as asked:
        sessions = asked.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'portal'").fetchone()
    assert sessions is not None
    assert 1 < sessions[0] <= POOL + 2, "its pool, this one, and a command's"
    made = portal.command("backup", str(tmp_path / "b.tar"), "--without-key", check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    assert "PROBLEM" not in made.stdout
    found = portal.command("check", check=False).stdout
    for name in ("connections", "pooler", "migrations"):
        assert f"ok       {name}" in found


def test_migrate_sets_the_timeouts_of_the_account_that_no_connection_brings_along(places):
    with psycopg.connect(places.pooled, prepare_threshold=None) as pooled:
        found = {name: pooled.execute(f"SHOW {name}").fetchone() for name in SETTINGS}
    assert found == {"statement_timeout": ("5s",), "lock_timeout": ("5s",), "timezone": ("UTC",)}


@pytest.fixture
def pool(places) -> Iterator[None]:
    open_database(places.pooled, pooled=True)
    yield
    close_database()


def test_a_statement_repeated_over_many_sessions_is_never_one_that_only_one_of_them_knows(pool):
    def ask(number: int) -> int:
        try:
            with write():
                return int(database.execute_sql("SELECT %s::int + pg_backend_pid() * 0", (number,)).fetchone()[0])
        finally:
            database.close()

    with ThreadPoolExecutor(2 * POOL) as crowd:
        assert list(crowd.map(ask, range(200))) == list(range(200))


def test_an_advisory_lock_is_held_for_the_transaction_and_ends_with_it(pool):
    def wait_and_give_up() -> None:
        with pytest.raises(Unavailable), write():
            database.execute_sql("SET LOCAL lock_timeout = 200")
            one_at_a_time("the same")
        database.close()

    with ThreadPoolExecutor(1) as other:
        with write():
            one_at_a_time("the same")
            other.submit(wait_and_give_up).result()
        other.submit(lambda: (one_after(), database.close())).result()


def one_after() -> None:
    with write():
        one_at_a_time("the same")


def test_a_lowered_wait_of_one_transaction_is_no_other_ones(pool):
    begin_waiting()
    waits.left = 1.0
    try:
        with write():
            one_at_a_time("a")
            assert database.execute_sql("SHOW lock_timeout").fetchone()[0] == "1s"
        found = {database.execute_sql("SHOW lock_timeout").fetchone()[0] for _each in range(2 * POOL)}
    finally:
        waits.left = None
    assert found == {"5s"}
