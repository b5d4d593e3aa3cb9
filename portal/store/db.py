"""The database: connection, transactions, SQLite's write lock, and the base of all models."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import peewee

from portal.base.errors import Unavailable
from portal.base.keys import random_uid
from portal.base.language import gettext as _
from portal.base.outbound import release_before_call
from portal.base.plain_text import LONGEST_NAME, all_storable
from portal.config import sqlite_path
from portal.store import disk
from portal.store.gate import Gate
from portal.store.postgres import Postgres
from portal.store.wait_budget import WAIT_BUDGET_SECONDS, waits

PRAGMAS = {"journal_mode": "wal", "synchronous": "full", "foreign_keys": 1, "busy_timeout": 5000}
WRITES = ("INSERT", "UPDATE", "DELETE")
FULL_WAIT = round(WAIT_BUDGET_SECONDS * 1000)

database = peewee.DatabaseProxy()
_gate = Gate()


class _Writes(threading.local):
    """Counts the statements of this thread that change rows, so that what was read before can be forgotten."""

    count = 0


writes = _Writes()
_original_column_sql: Any = peewee.Column.__sql__


def column_text(column: Any, ctx: Any) -> Any:
    """Render a column as peewee does ("t1"."name") in one step instead of ten: most of the cost of building SQL.

    Both engines quote alike. Unqualified names and aliased tables are left to peewee. (decision 0008)
    """
    table = column.source
    has_alias = getattr(table, "_alias", None)
    if type(table) is not peewee.Table or has_alias or ctx.scope == peewee.SCOPE_VALUES:
        return _original_column_sql(column, ctx)
    return ctx.literal(f'"{ctx.alias_manager[table]}"."{column.name}"')


peewee.Column.__sql__ = column_text  # type: ignore[method-assign]


def _fetch_all_rows(query: Any) -> Iterator[Any]:
    """Fetch all rows before the first is used: a half-read cursor makes SQLite refuse ("locked") the next write.

    A sweep over two rows would fail whenever another process writes. `.iterator()` still streams. (decision 0008)
    """
    rows = query.execute()
    rows.fill_cache()
    return iter(rows)


peewee.BaseModelSelect.__iter__ = _fetch_all_rows  # type: ignore[method-assign]


class UTCDateTimeField(peewee.DateTimeField):
    """Aware datetimes, stored as UTC. A naive one raises ValueError (peewee's field compares offsets as text)."""

    def db_value(self, value: datetime | None) -> Any:
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise ValueError("a naive datetime was given")
            value = value.astimezone(UTC).replace(tzinfo=None)
        return super().db_value(value)  # type: ignore[no-untyped-call]

    def python_value(self, value: Any) -> datetime | None:
        moment = super().python_value(value)  # type: ignore[no-untyped-call]
        return moment.replace(tzinfo=UTC) if isinstance(moment, datetime) else None


class NameField(peewee.CharField):
    """The name of a person, a place or a degree."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_NAME, **options)


class BaseModel(peewee.Model):
    """Base class of every model."""

    class Meta:
        database = database
        legacy_table_names = False


class UidModel(BaseModel):
    """Base of models whose rows appear in URLs: by random `uid`, never by `id`."""

    uid = peewee.CharField(max_length=22, unique=True, default=random_uid)


def open_database(
    url: str, lock_path: Path | None = None, *, processes: int = 1, allowed: int = 0, pooled: bool = False
) -> peewee.Database:
    """Connect the models to the database at `url`, closing the previous one; `lock_path` is SQLite's write lock file.

    `processes` of this node share a PostgreSQL connection limit of `allowed` for this node (0: all of the server's);
    `pooled`: through a PgBouncer in transaction mode.
    """
    close_database()
    if path := sqlite_path(url):
        real: peewee.Database = _Sqlite(str(path), pragmas=PRAGMAS, lock_type="IMMEDIATE", timeout=5)
        _gate.path = lock_path or Path(f"{path}.lock")
    else:
        real = _Postgres(url, processes=processes, allowed=allowed, pooled=pooled)
        _gate.path = None
    database.initialize(real)
    return real


def close_database() -> None:
    """Close every connection of this process, at its end or before another database is opened."""
    if database.obj is None:
        return
    database.close()
    if isinstance(database.obj, Postgres):
        database.obj.close_all()


def is_sqlite() -> bool:
    """Is SQLite in use?"""
    return isinstance(database.obj, peewee.SqliteDatabase)


class _Sqlite(peewee.SqliteDatabase):
    """Takes the write lock for a single writing statement too; a transaction has taken it in `write`."""

    _timeouts = threading.local()

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        params, is_write = all_storable(params), sql.startswith(WRITES)
        writes.count += is_write
        if self.in_transaction() or not is_write:
            return super().execute_sql(sql, params)  # type: ignore[no-untyped-call]
        with _gate.passed(), _translated_errors(), self._busy_timeout():
            return super().execute_sql(sql, params)  # type: ignore[no-untyped-call]

    def begin(self, lock_type: Any = None) -> None:
        """Begin, with what is left of the wait budget. (peewee bypasses execute_sql here.)"""
        with self._busy_timeout():
            super().begin(lock_type)

    def rollback(self) -> None:
        """Skip the rollback where a full disk made SQLite do it: the second error would hide the first."""
        connection: Any = self.connection()  # type: ignore[no-untyped-call]
        if connection.in_transaction:
            super().rollback()

    @contextmanager
    def _busy_timeout(self) -> Iterator[None]:
        """Set busy_timeout from the wait budget: a program that ignores our write lock (a backup) may hold SQLite's."""
        with waits.one() as seconds:
            connection: Any = self.connection()  # type: ignore[no-untyped-call]
            milliseconds = round(seconds * 4) * 250
            if getattr(self._timeouts, "now", None) != (id(connection), milliseconds):
                connection.execute(f"PRAGMA busy_timeout = {milliseconds}")
                self._timeouts.now = id(connection), milliseconds
            yield


class _Postgres(Postgres):
    """The lock waits of a request share one budget; after a timeout none of its statements waits any more."""

    _lowered: ClassVar[WeakKeyDictionary[Any, int]] = WeakKeyDictionary()  # lock timeout, where it is not the full one

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        writes.count += sql.startswith(WRITES)
        takes_locks = sql.startswith((*WRITES, "SELECT pg_advisory")) or sql.endswith("FOR UPDATE")
        if takes_locks and waits.left == 0.0:
            raise Unavailable(retry_after=2)
        try:
            if not takes_locks:
                return super().execute_sql(sql, all_storable(params))  # type: ignore[no-untyped-call]
            self._set_lock_timeout()
            with waits.long_one():
                return super().execute_sql(sql, all_storable(params))  # type: ignore[no-untyped-call]
        except peewee.OperationalError as error:
            if "timeout" in str(error):
                waits.give_up()
            raise

    def _set_lock_timeout(self) -> None:
        """Lower lock_timeout to what is left of the wait budget; a rollback or the pool may have set it back."""
        milliseconds = max(round((waits.left or WAIT_BUDGET_SECONDS) * 4) * 250, 250)
        connection: Any = self.connection()  # type: ignore[no-untyped-call]
        if self.is_pooled:  # the session is this transaction's alone; outside one the account's setting holds
            if milliseconds < FULL_WAIT and self.in_transaction():
                super().execute_sql(f"SET LOCAL lock_timeout = {milliseconds}")  # type: ignore[no-untyped-call]
            return
        if self._lowered.get(connection, FULL_WAIT) != milliseconds:
            super().execute_sql(f"SET lock_timeout = {milliseconds}")  # type: ignore[no-untyped-call]
            self._lowered[connection] = milliseconds

    def rollback(self) -> Any:
        """Roll back; SET is undone too."""
        self._lowered.pop(self.connection(), None)  # type: ignore[no-untyped-call]
        return super().rollback()


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Translate lock timeouts and a full disk of either engine. Raises Unavailable."""
    try:
        yield
    except peewee.OperationalError as error:
        words = _all_messages(error)
        if "is full" in words or "No space left" in words:
            disk.give_way()
            raise Unavailable(
                _("The portal's disk is full. Please try again in a minute, or call the helpline."), retry_after=60
            ) from error
        if "locked" in words or "timeout" in words:
            raise Unavailable(retry_after=2) from error
        raise


def _all_messages(error: BaseException | None) -> str:
    """Join the messages of an error and its context: after a full disk, SQLite complains of a missing savepoint."""
    words = []
    while error is not None:
        words.append(str(error))
        error = error.__context__
    return "\n".join(words)


@contextmanager
def write() -> Iterator[None]:
    """Open a write transaction; a nested one is a savepoint. Raises Unavailable after a lock timeout."""
    if database.in_transaction():
        with database.atomic():
            yield
        return
    with _gate.passed(), _translated_errors(), database.atomic():
        yield


def one_at_a_time(name: str) -> None:
    """Take the advisory lock of this name until the transaction ends (SQLite has one writer anyway)."""
    if not is_sqlite():
        database.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))


@contextmanager
def joined() -> Iterator[None]:
    """Join the current transaction, else open one: for statements whose failure nobody catches halfway."""
    if database.in_transaction():
        yield
        return
    with write():
        yield


def after_commit(function: Callable[[], None]) -> None:
    """Run `function` after the current transaction commits; at once when there is none."""
    database.after_commit(function)


@release_before_call
def release() -> None:
    """Return the pooled connection before waiting for another server (F19). Raises RuntimeError in a transaction."""
    require_no_transaction()
    if not is_sqlite() and not database.is_closed():
        database.close()


def require_no_transaction() -> None:
    """Raise RuntimeError in a transaction: waiting there for a server or a slow disk keeps locks that block others."""
    if database.obj is not None and database.in_transaction():
        raise RuntimeError("nobody outside is asked, and no file written, inside a transaction")


def attempted(query: peewee.Delete) -> None:
    """Run a statement that a sweep makes good where the database cannot just now."""
    with suppress(peewee.OperationalError, Unavailable):
        query.execute()


def claim(update: peewee.Update) -> bool:
    """Compare-and-set: run the conditional update; True when exactly one row changed, so that one caller wins."""
    with joined():
        return bool(update.execute() == 1)


def locked(query: peewee.Select) -> peewee.Select:
    """Add FOR UPDATE: lock the rows until the transaction ends (SQLite has locked everything already)."""
    return query if is_sqlite() else query.for_update()
