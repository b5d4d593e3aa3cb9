"""The database: connection, the write gate, and the base of all models."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import peewee

from portal.base.errors import Unavailable
from portal.base.keys import random_uid
from portal.base.language import gettext as _
from portal.base.outbound import lets_go
from portal.base.plain_text import all_storable
from portal.store import disk
from portal.store.gate import Gate
from portal.store.patience import waits
from portal.store.postgres import Postgres

PRAGMAS = {"journal_mode": "wal", "synchronous": "full", "foreign_keys": 1, "busy_timeout": 5000}
WRITES = ("INSERT", "UPDATE", "DELETE")

database = peewee.DatabaseProxy()

_peewees_own: Any = peewee.Column.__sql__


def column_text(column: Any, ctx: Any) -> Any:
    """A column as peewee writes it ("t1"."name"), in one step instead of ten: most of what making a statement cost.

    Both engines quote alike. Where the name stands alone, and for tables with an alias of their own, peewee writes.
    """
    table = column.source
    has_alias = getattr(table, "_alias", None)
    if type(table) is not peewee.Table or has_alias or ctx.scope == peewee.SCOPE_VALUES:
        return _peewees_own(column, ctx)
    return ctx.literal(f'"{ctx.alias_manager[table]}"."{column.name}"')


peewee.Column.__sql__ = column_text  # type: ignore[method-assign]


def _read_to_the_end(query: Any) -> Iterator[Any]:
    """All rows before the first one is used: while a reading is half done, SQLite refuses to write once others have.

    A sweep over two rows would fail at the first whenever somebody else was busy. `.iterator()` still reads by and by.
    """
    rows = query.execute()
    rows.fill_cache()
    return iter(rows)


peewee.BaseModelSelect.__iter__ = _read_to_the_end  # type: ignore[method-assign]


class UTCDateTimeField(peewee.DateTimeField):
    """Aware moments only, kept as UTC. A naive one raises ValueError (peewee's own field compares offsets as text)."""

    def db_value(self, value: datetime | None) -> Any:
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise ValueError("a naive datetime was given")
            value = value.astimezone(UTC).replace(tzinfo=None)
        return super().db_value(value)  # type: ignore[no-untyped-call]

    def python_value(self, value: Any) -> datetime | None:
        moment = super().python_value(value)  # type: ignore[no-untyped-call]
        return moment.replace(tzinfo=UTC) if isinstance(moment, datetime) else None


class BaseModel(peewee.Model):
    """Base of every table."""

    class Meta:
        database = database
        legacy_table_names = False


class UidModel(BaseModel):
    """A table whose rows appear in addresses: by `uid`, never by `id`."""

    uid = peewee.CharField(max_length=22, unique=True, default=random_uid)


def open_database(url: str, lock_path: Path | None = None, *, processes: int = 1, allowed: int = 0) -> peewee.Database:
    """Connect the models to the database at `url`, after closing the one before; `lock_path` is SQLite's write gate.

    `processes` of this node share PostgreSQL's connections, of which this node may take `allowed` (0: all of them).
    """
    close_database()
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        real: peewee.Database = _Sqlite(path, pragmas=PRAGMAS, lock_type="IMMEDIATE", timeout=5)
        _gate.path = lock_path or Path(path + ".lock")
    else:
        real = _Postgres(url, processes=processes, allowed=allowed)
        _gate.path = None
    database.initialize(real)
    return real


def close_database() -> None:
    """Close every connection of this process: nobody uses the database, or another one takes its place."""
    if database.obj is None:
        return
    database.close()
    if isinstance(database.obj, Postgres):
        database.obj.close_all()


def is_sqlite() -> bool:
    """Is the embedded engine in use?"""
    return isinstance(database.obj, peewee.SqliteDatabase)


_gate = Gate()


class _Sqlite(peewee.SqliteDatabase):
    """A single statement that writes passes the gate too; a transaction has passed it in `write`."""

    _patient = threading.local()

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        params = all_storable(params)
        if self.in_transaction() or not sql.startswith(WRITES):
            return super().execute_sql(sql, params)  # type: ignore[no-untyped-call]
        with _gate.passed(), _in_our_words(), self._patience():
            return super().execute_sql(sql, params)  # type: ignore[no-untyped-call]

    def begin(self, lock_type: Any = None) -> None:
        """Begin, with what is left of the patience. (peewee sends this one past execute_sql.)"""
        with self._patience():
            super().begin(lock_type)

    def rollback(self) -> None:
        """Nothing to do where a full disk made SQLite itself roll back: its complaint would hide why."""
        connection: Any = self.connection()  # type: ignore[no-untyped-call]
        if connection.in_transaction:
            super().rollback()

    @contextmanager
    def _patience(self) -> Iterator[None]:
        """Somebody who does not know of the gate may hold the lock: a backup, another program."""
        with waits.one() as seconds:
            connection: Any = self.connection()  # type: ignore[no-untyped-call]
            milliseconds = round(seconds * 4) * 250
            if getattr(self._patient, "now", None) != (id(connection), milliseconds):
                connection.execute(f"PRAGMA busy_timeout = {milliseconds}")
                self._patient.now = id(connection), milliseconds
            yield


class _Postgres(Postgres):
    """The server ends a statement that waits too long; then no other of the same request waits for it."""

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        if waits.left == 0.0 and (sql.startswith(WRITES) or sql.endswith("FOR UPDATE")):
            raise Unavailable(retry_after=2)
        try:
            return super().execute_sql(sql, all_storable(params))  # type: ignore[no-untyped-call]
        except peewee.OperationalError as error:
            if "timeout" in str(error):
                waits.give_up()
            raise


@contextmanager
def _in_our_words() -> Iterator[None]:
    """What the engines say of a lock that lasts, and of a full disk. Raises Unavailable."""
    try:
        yield
    except peewee.OperationalError as error:
        words = _all_words(error)
        if "is full" in words or "No space left" in words:
            disk.give_way()
            raise Unavailable(
                _("The portal's disk is full. Please try again in a minute, or call the helpline."), retry_after=60
            ) from error
        if "locked" in words or "timeout" in words:
            raise Unavailable(retry_after=2) from error
        raise


def _all_words(error: BaseException | None) -> str:
    """With what was said before: after a full disk SQLite no longer knows the savepoint that is to be undone."""
    words = []
    while error is not None:
        words.append(str(error))
        error = error.__context__
    return "\n".join(words)


@contextmanager
def write() -> Iterator[None]:
    """One write transaction; an inner one is a savepoint. Raises Unavailable when the database stays locked."""
    if database.in_transaction():
        with database.atomic():
            yield
        return
    with _gate.passed(), _in_our_words(), database.atomic():
        yield


def one_at_a_time(name: str) -> None:
    """Whoever else names the same waits for the end of this transaction (SQLite lets in one writer anyway)."""
    if not is_sqlite():
        database.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))


@contextmanager
def joined() -> Iterator[None]:
    """Part of the present transaction, else write(): for a few statements whose failure nobody catches halfway."""
    if database.in_transaction():
        yield
        return
    with write():
        yield


def after_commit(function: Callable[[], None]) -> None:
    """Run `function` once the present transaction is committed; at once when there is none."""
    database.after_commit(function)


@lets_go
def release() -> None:
    """Give a pooled connection back before waiting for somebody outside (F19). Raises RuntimeError in a transaction."""
    require_no_transaction()
    if not is_sqlite() and not database.is_closed():
        database.close()


def require_no_transaction() -> None:
    """Raise RuntimeError in a transaction: who waits there for a server outside or a slow disk holds up everybody."""
    if database.obj is not None and database.in_transaction():
        raise RuntimeError("nobody outside is asked, and no file written, inside a transaction")


def claim(update: peewee.Update) -> bool:
    """Compare-and-set: run the update, through the gate; True when exactly one row changed."""
    with joined():
        return bool(update.execute() == 1)


def locked(query: peewee.Select) -> peewee.Select:
    """The rows of a select, locked to the end of the transaction (SQLite has locked everything already)."""
    return query if is_sqlite() else query.for_update()
