"""The PostgreSQL connection pool: limits, idle timeout, no leaks. Runs with --database postgresql."""

import threading
import time
from contextlib import ExitStack, closing

import psycopg
import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from portal.base.errors import Unavailable
from portal.cli import main
from portal.store import postgres
from portal.store.db import close_database, database, is_sqlite, open_database, write
from portal.store.numbers import Counter
from portal.store.postgres import FEWEST, MOST, SPARE, Postgres, TooFew
from portal.store.wait_budget import waits
from tests.servers import wait_for


@pytest.fixture
def url(db, config, request):
    """The database URL of this run's own server."""
    if is_sqlite():
        pytest.skip("PostgreSQL's own tests run with --database postgresql")
    close_database()
    return config.database_url


@pytest.fixture
def pool(url):
    """pool(processes): the pool of one of so many processes; all are closed at the end."""
    with ExitStack() as made:

        def make(processes: int = 1, allowed: int = 0) -> Postgres:
            found = Postgres(url, processes=processes, allowed=allowed)
            made.callback(found.close_all)
            return found

        yield make


@pytest.fixture
def watcher(url):
    """Count the portal's connections, as the server sees them."""
    with closing(psycopg.connect(url, autocommit=True, application_name="watcher")) as own:
        count = (
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' "
            "AND query NOT LIKE '%pristine%' AND application_name <> 'watcher'"
        )
        yield lambda: own.execute(count).fetchone()[0]


def limit_of(pool: Postgres) -> int:
    with pool.connection_context():
        return pool._limit(pool.connection())


def all_at_once(pools: list[Postgres], threads: int, deed) -> list[object]:
    """Run `deed` in so many threads of each pool at once; return their results and errors."""
    said: list[object] = []

    def run(pool: Postgres) -> None:
        try:
            with pool.connection_context():
                said.append(deed(pool))
        except Exception as error:  # noqa: BLE001 whatever happens in a thread is the test's to report
            said.append(error)

    started = [threading.Thread(target=run, args=(pool,)) for pool in pools for _ in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    return said


def test_the_pools_of_five_processes_stay_below_the_servers_connection_limit(pool, watcher):
    """32 threads a process would be 160 connections; the server has a hundred."""
    pools, most, lock = [pool(processes=5) for _ in range(5)], [0], threading.Lock()

    def ask(one: Postgres) -> int:
        answer = one.execute_sql("SELECT pg_sleep(0.02), 7").fetchone()[1]
        with lock:
            most[0] = max(most[0], watcher())
        return int(answer)

    said = all_at_once(pools, 32, ask)
    limit = limit_of(pools[0])
    assert said == [7] * 160
    assert 5 * FEWEST < most[0] <= limit - SPARE
    assert {one._size for one in pools} == {(limit - SPARE) // 5}


def test_a_process_alone_takes_no_more_than_it_has_threads(pool):
    one = pool(processes=1)
    limit_of(one)
    assert one._size == MOST


def test_a_node_stays_within_its_connection_limit(pool):
    one = pool(processes=2, allowed=12)
    limit_of(one)
    assert one._size == 6


def test_idle_connections_are_closed_and_the_pool_is_last_in_first_out(pool, watcher, monkeypatch):
    monkeypatch.setattr(postgres, "IDLE_SECONDS", 0.2)
    one, barrier = pool(), threading.Barrier(6)
    all_at_once([one], 6, lambda _pool: barrier.wait(5))
    assert watcher() == 6
    pids = {one.execute_sql("SELECT pg_backend_pid()").fetchone()[0] for _ in range(5) if one.close() or True}
    one.close()
    assert len(pids) == 1
    wait_for(lambda: watcher() == 0, "the idle connections to be given back")
    assert (one._open, one._idle) == (0, [])
    assert one.execute_sql("SELECT 1").fetchone() == (1,)


def test_an_exhausted_pool_times_out_with_the_wait_budget(pool):
    one, done, is_taken = pool(processes=24), threading.Event(), threading.Barrier(FEWEST + 1)

    def hold() -> None:
        with one.connection_context():
            is_taken.wait()
            done.wait()

    holders = [threading.Thread(target=hold) for _ in range(FEWEST)]
    for thread in holders:
        thread.start()
    is_taken.wait()
    waits.left = 0.05
    with pytest.raises(Unavailable):
        one.connection()
    assert waits.left <= 0
    done.set()
    for thread in holders:
        thread.join()
    assert one.execute_sql("SELECT 1").fetchone() == (1,)


def test_a_connection_leaked_by_a_thread_is_closed(pool, watcher):
    """Else its slot is lost for good, and psycopg warns of the open connection."""
    one = pool()
    with capture_logs() as lines:
        thread = threading.Thread(target=lambda: one.execute_sql("SELECT 1"))
        thread.start()
        thread.join()
        wait_for(lambda: watcher() == 0, "the connection of the thread to be closed")
    assert (one._open, one._used) == (0, {})
    assert [line["event"] for line in lines] == ["connection_left_by_a_thread"]


def test_opening_another_database_closes_the_pool_of_the_previous_one(url, watcher):
    """As `portal check` opens several; psycopg warns of leaked ones, which is an error in tests."""
    for _ in range(3):
        open_database(url)
        assert database.execute_sql("SELECT 1").fetchone() == (1,)
        wait_for(lambda: watcher() == 1, "the pool before to be closed")
    close_database()
    wait_for(lambda: watcher() == 0, "the last one to be closed")


def test_connections_closed_by_the_server_are_not_reused(pool, url):
    one, barrier = pool(), threading.Barrier(3)
    all_at_once([one], 3, lambda _pool: barrier.wait(5))
    with closing(psycopg.connect(url, autocommit=True)) as other:
        for _since, held in one._idle:
            other.execute("SELECT pg_terminate_backend(%s)", (held.info.backend_pid,))
        wait_for(lambda: not any(postgres._is_alive(held) for _since, held in one._idle), "the lines to be cut")
    assert all_at_once([one], 3, lambda held: held.execute_sql("SELECT 1").fetchone()[0]) == [1, 1, 1]
    assert one._open <= 3


def test_an_unreachable_server_costs_one_timeout_and_leaks_no_slot(pool, url, monkeypatch):
    one = pool(processes=24)
    monkeypatch.setitem(one.connect_params, "port", 1)
    said = all_at_once([one], 8, lambda held: held.execute_sql("SELECT 1"))
    assert len(said) == 8
    assert all(type(error).__name__ == "OperationalError" for error in said)
    assert one._open == 0


def test_too_low_a_connection_limit_is_refused_at_start_up(pool):
    with pytest.raises(TooFew, match="allows this node 8 connections; 3 processes need 4 each"):
        pool(processes=3, allowed=8).require_enough()
    pool(processes=3, allowed=12).require_enough()


@pytest.mark.parametrize("command", ["serve", "worker", "check"])
def test_too_low_a_connection_limit_is_one_sentence(url, config, command):
    names = ("PORTAL_DATA_DIR", "PORTAL_DATABASE_URL", "PORTAL_SECRET_KEY", "PORTAL_DEMO")
    few = {"PORTAL_DATABASE_CONNECTIONS": "8", "PORTAL_WEB_WORKERS": "2"}
    said = CliRunner().invoke(main, [command], env={name: config.environ[name] for name in names} | few)
    line = next(line for line in said.output.splitlines() if "8 connections" in line)
    start = "PROBLEM  connections: " if command == "check" else "Error: "
    assert (said.exit_code, line.startswith(f"{start}PostgreSQL allows this node 8 connections")) == (1, True)


def test_the_lock_waits_of_one_request_share_its_budget(db, config):
    """Each was below the timeout, and together they were three times as long."""
    if is_sqlite():
        pytest.skip("PostgreSQL's own tests run with --database postgresql")
    for series in ("first", "second"):
        Counter.create(series=series, last=1)
    waits.left = 1.5
    with closing(psycopg.connect(config.database_url)) as early, closing(psycopg.connect(config.database_url)) as late:
        for holder, series in ((early, "first"), (late, "second")):
            holder.execute("SELECT 1 FROM counter WHERE series = %s FOR UPDATE", (series,))
        release = threading.Timer(0.9, early.rollback)
        release.start()
        began = time.monotonic()
        with pytest.raises(Unavailable), write():
            for series in ("first", "second"):
                Counter.update(last=2).where(Counter.series == series).execute()
        assert time.monotonic() - began > 0.9
        release.join()
    assert waits.left == 0.0
    waits.left = None
    Counter.update(last=3).where(Counter.series == "second").execute()
    assert database.execute_sql("SHOW lock_timeout").fetchone() == ("5s",)
