"""The database: transactions, the write lock, datetimes."""

import sqlite3
from datetime import datetime, timedelta, timezone
from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock
from threading import Barrier, Event, Thread
from urllib.parse import urlsplit

import pytest
from peewee import SQL, Column, fn

from portal.base.clock import now as clock_now
from portal.base.errors import Unavailable
from portal.core.accounts.models import Account
from portal.store.db import _original_column_sql, after_commit, claim, is_sqlite, joined, write
from portal.store.gate import Gate
from portal.work.throttle import Attempt
from tests.factories import make_account


def test_columns_are_rendered_as_peewee_renders_them(db, monkeypatch):
    other = Account.alias()
    queries = [
        Attempt.select(),
        Account.select(Account, other.id).join(other, on=(other.mobile == Account.mobile)).where(Account.id << [1, 2]),
        Account.select().where(Account.id.in_(Account.select(Account.id).where(Account.disabled_at.is_null()))),
        Account.update(language="hi").where((Account.id == 1) & (Account.language != "hi")),
        Account.delete().where(fn.LOWER(Account.mobile) == "x"),
        Account.select(fn.COUNT(Account.id).alias("n"), Account.language).group_by(Account.language).order_by(SQL("n")),
    ]
    ours = [query.clone().sql() for query in queries]
    monkeypatch.setattr(Column, "__sql__", _original_column_sql)
    assert ours == [query.clone().sql() for query in queries]


def test_a_write_inside_a_loop_over_rows_succeeds_after_another_connection_has_written(db, config):
    """A half-read cursor would hold the snapshot from before: SQLite says "locked" to the write. Decision 0008."""
    if not is_sqlite():
        return  # PostgreSQL reads every result whole
    for number in range(2):
        make_account(f"+91900000000{number}")
    for account in Account.select():
        with sqlite3.connect(urlsplit(config.database_url).path, timeout=1) as other:
            other.execute("UPDATE account SET language = 'hi'")
        other.close()
        with write():
            Account.update(language="en").where(Account.id == account.id).execute()


def test_an_error_rolls_the_transaction_back(db):
    with pytest.raises(ZeroDivisionError), write():
        make_account("+919876543210")
        raise ZeroDivisionError
    assert not Account.select().exists()


def test_a_failed_nested_write_rolls_back_to_its_savepoint(db):
    with write():
        make_account("+919876543210")
        with pytest.raises(ZeroDivisionError), write():
            make_account("+919876543211")
            raise ZeroDivisionError
    assert [row.mobile for row in Account.select()] == ["+919876543210"]


def test_after_commit_waits_for_the_outermost_commit(db):
    seen = []
    with write():
        with write():
            after_commit(lambda: seen.append("done"))
        assert seen == []
    assert seen == ["done"]


def test_a_naive_datetime_is_refused(db):
    with pytest.raises(ValueError, match="naive"):
        Attempt.create(bucket="x", at=datetime(2026, 11, 23, 9, 30))  # noqa: DTZ001


def test_datetimes_round_trip_as_utc(db):
    india = timezone(timedelta(hours=5, minutes=30))
    row = Attempt.create(bucket="x", at=datetime(2026, 11, 23, 9, 30, tzinfo=india))
    assert Attempt.get_by_id(row.id).at.isoformat() == "2026-11-23T04:00:00+00:00"


def test_datetimes_compare_with_and_without_microseconds(db, now):
    Attempt.create(bucket="x", at=now)
    Attempt.create(bucket="x", at=now + timedelta(microseconds=5))
    assert Attempt.select().where(Attempt.at > now).count() == 1


def test_a_compare_and_set_succeeds_once(db):
    account = make_account()
    take = Account.update(disabled_at=clock_now()).where((Account.id == account.id) & Account.disabled_at.is_null())
    assert [claim(take), claim(take)] == [True, False]


def test_twenty_concurrent_read_write_transactions_all_succeed(app, db):
    account, barrier, failures = make_account(), Barrier(20), []

    def add() -> None:
        barrier.wait()
        try:
            with write():
                seen = Attempt.select().count()
                Attempt.create(bucket=f"{account.id}:{seen}", at=clock_now())
        except Exception as error:  # noqa: BLE001 whatever happens in a thread is the test's to report
            failures.append(error)

    threads = [Thread(target=add) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Attempt.select().count() == 20
    if is_sqlite():  # one writer at a time: each saw all before it
        assert sorted(row.bucket for row in Attempt.select()) == sorted(f"{account.id}:{n}" for n in range(20))


@pytest.mark.parametrize(
    "change", [lambda: Attempt.create(bucket="x", at=clock_now()), lambda: Attempt.delete().execute()]
)
def test_a_single_statement_takes_the_write_lock_too(db, config, monkeypatch, change):
    if not is_sqlite():
        return  # PostgreSQL lets writers in by itself
    monkeypatch.setattr("portal.store.wait_budget.WAIT_BUDGET_SECONDS", 0.05)
    with (config.data_dir / "write.lock").open("w") as gate:
        flock(gate, LOCK_EX)
        with pytest.raises(Unavailable):
            change()
    change()


def test_the_write_lock_is_fair(tmp_path):
    """Two gates are two processes; the first wants the lock again at once, as a busy worker does."""
    busy, other, entered, is_waiting = Gate(), Gate(), [], Event()
    busy.path = other.path = tmp_path / "write.lock"

    def wait_and_enter() -> None:
        with other.passed():
            entered.append("other")

    with busy.passed():
        waiting = Thread(target=wait_and_enter)
        waiting.start()
        with (tmp_path / "write.next").open("w") as room:
            while not is_waiting.wait(0.001):
                try:
                    flock(room, LOCK_EX | LOCK_NB)
                    flock(room, LOCK_UN)
                except BlockingIOError:
                    is_waiting.set()
    with busy.passed():
        entered.append("busy")
    waiting.join()
    assert entered == ["other", "busy"]


def test_joined_statements_roll_back_with_the_transaction_or_have_their_own(db):
    with pytest.raises(ZeroDivisionError), write():
        with joined():
            make_account("+919876543210")
        raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError), joined():
        make_account("+919876543210")
        raise ZeroDivisionError
    assert not Account.select().exists()


def test_nul_and_lone_surrogates_are_removed_from_every_statement(db):
    """Also for text that came by no request: a gateway's response, a command's arguments."""
    row = make_account(mobile="+919000000001")
    Account.update(language="h\x00i\ud800").where(Account.mobile == "+91900000\x000001").execute()
    assert Account.get(Account.id == row.id).language == "hi"
