"""PostgreSQL connection pool: a process takes no more than its share of the server's limit, and keeps none idle.

peewee's pool pings the server before it hands out a connection, and opens new ones, under one global lock: while the
server cannot be reached, its threads wait one after the other, each for the timeouts of all before.
"""

import math
import select
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import cache
from typing import Any, cast

import structlog
from peewee import PeeweeException, PostgresqlDatabase
from playhouse.db_url import parse

from portal.base import clock
from portal.base.errors import Unavailable
from portal.store.wait_budget import waits

MOST, FEWEST = 40, 4  # of a process: its number of threads, and the fewest it can work with
SPARE = 5  # reserved for an operator's commands
IDLE_SECONDS = 30.0
ANSWER_SECONDS = 10.0  # for a server that hangs: one that works ends a statement itself, after statement_timeout
SETTINGS = {"statement_timeout": "5000", "lock_timeout": "5000", "timezone": "UTC"}
OPTIONS = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
LIMIT = """
SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
     - coalesce(current_setting('reserved_connections', true), '0')::int
"""
WHO = "SELECT current_user, current_database()"
log = structlog.get_logger(__name__)


class TooFew(Exception):
    """The server's connection limit is lower than this node needs; the message says what to do."""


class ThreadEnd:
    """A thread-local whose finalizer runs when the thread ends."""


class Postgres(PostgresqlDatabase):
    """A connection pool sized from the server's max_connections, as soon as a connection can ask for it.

    `pooled`: the server is a PgBouncer in transaction mode, which limits connections itself; the account has SETTINGS.
    """

    def __init__(self, url: str, *, processes: int, allowed: int, pooled: bool = False) -> None:
        self.is_pooled, self._processes, self._allowed = pooled, processes, allowed
        self._changed = threading.Condition()  # guards all below
        self._size, self._is_sized, self._open = FEWEST, False, 0
        self._idle: list[tuple[float, Any]] = []  # (idle since, connection); last in, first out
        self._used: dict[int, Any] = {}
        self._timer: threading.Timer | None = None
        self._own = threading.local()
        # A PgBouncer in transaction mode gives each transaction another session: nothing may be left in one.
        own = {"prepare_threshold": None} if pooled else {"options": OPTIONS}
        super().__init__(**parse(url), prefer_psycopg3=True, **own)
        self._driver = cast(Any, self)._adapter  # noqa: SLF001 its own, which peewee's stubs do not name
        self._driver.connect = _connect
        self._lock = nullcontext()  # what peewee guards with it is thread-local

    def require_enough(self) -> None:
        """Raise TooFew when the limit does not suffice for this node's processes. Checked at start-up."""
        limit = self._limit(self.connection())  # type: ignore[no-untyped-call]
        allowed = min(limit - SPARE, self._allowed or limit)
        if allowed // self._processes < FEWEST:
            raise TooFew(
                f"PostgreSQL allows this node {allowed} connections; {self._processes} processes need {FEWEST} each. "
                "Raise max_connections (or PORTAL_DATABASE_CONNECTIONS), or lower PORTAL_WEB_WORKERS."
            )

    def close_all(self) -> None:
        """Close every connection, also those in use by other threads."""
        self.close()
        with self._changed:
            for connection in (*(one for _since, one in self._idle), *self._used.values()):
                connection.close()
            self._idle, self._used, self._open = [], {}, 0
            self._changed.notify_all()
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def _connect(self) -> Any:
        with waits.one() as seconds:
            connection = self._take_idle(clock.monotonic() + seconds) or self._connect_new(seconds)
        with self._changed:
            self._used[id(connection)] = connection
        self._own.thread_end = thread_end = ThreadEnd()
        self._own.end = weakref.finalize(thread_end, _close_leaked, weakref.ref(self), connection)
        self._own.end.atexit = False
        return connection

    def _close(self, conn: Any) -> None:
        """Return a connection to the pool, unless it is broken."""
        self._own.end.detach()
        is_good = self._driver.is_connection_reusable(conn)
        with self._changed:
            if self._used.pop(id(conn), None) is None:
                return  # close_all has run meanwhile
            if is_good:
                self._idle.append((clock.monotonic(), conn))
            else:
                self._drop(conn)
            self._changed.notify()
            if self._idle and self._timer is None:
                self._schedule_closing()

    def _take_idle(self, deadline: float) -> Any:
        """Take an idle connection; None reserves a slot for a new one. Raises Unavailable at the deadline."""
        with self._changed:
            while True:
                while self._idle:
                    _since, connection = self._idle.pop()
                    if _is_alive(connection):
                        return connection
                    self._drop(connection)
                if self._open < self._size:
                    self._open += 1
                    return None
                if not self._changed.wait(max(deadline - clock.monotonic(), 0)):
                    raise Unavailable(retry_after=2)

    def _connect_new(self, seconds: float) -> Any:
        """Connect in the reserved slot. Holds no lock, as connecting may take until the timeout."""
        connection = None
        try:
            connection = self._driver.connect(self, **self.connect_params, connect_timeout=max(math.ceil(seconds), 1))
            connection.autocommit = True
            self._set_size(connection)
        except BaseException:
            with self._changed:
                self._open -= 1
                self._changed.notify()
            if connection is not None:
                connection.close()
            raise
        return connection

    def _set_size(self, connection: Any) -> None:
        """Size the pool, once: this process's equal share of the server's limit, or of this node's."""
        if self._is_sized:
            return
        limit = self._limit(connection)
        share = min(limit - SPARE, self._allowed or limit) // self._processes
        with self._changed:
            self._size, self._is_sized = min(max(share, FEWEST), MOST), True
            self._changed.notify_all()

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """Let a statement take its time in the block, but wait for locks no longer than others."""
        connection: Any = self.connection()  # type: ignore[no-untyped-call]
        self.execute_sql("SET statement_timeout = 0")  # type: ignore[no-untyped-call]
        connection.answer_seconds = None
        try:
            yield
        finally:
            connection.answer_seconds = ANSWER_SECONDS
            with suppress(PeeweeException):
                self.execute_sql("RESET statement_timeout")  # type: ignore[no-untyped-call]

    def set_for_account(self) -> None:
        """Set SETTINGS for this account in this database: a PgBouncer hands on no options of a connection."""
        connection = self.connection()  # type: ignore[no-untyped-call]
        account, name = (_quoted(str(one)) for one in connection.execute(WHO).fetchone())
        for setting, value in SETTINGS.items():
            connection.execute(f"ALTER ROLE {account} IN DATABASE {name} SET {setting} = '{value}'")

    def _limit(self, connection: Any) -> int:
        if self.is_pooled:
            return MOST * self._processes + SPARE
        return int(connection.execute(LIMIT).fetchone()[0])

    def _drop(self, connection: Any) -> None:
        self._open -= 1
        connection.close()

    def _schedule_closing(self) -> None:
        self._timer = threading.Timer(IDLE_SECONDS, self._close_idle)
        self._timer.daemon = True
        self._timer.start()

    def _close_idle(self) -> None:
        """Close connections that were idle for IDLE_SECONDS: other processes and nodes may need them."""
        with self._changed:
            latest = clock.monotonic() - IDLE_SECONDS
            old = [one for since, one in self._idle if since <= latest]
            self._idle = [(since, one) for since, one in self._idle if since > latest]
            for connection in old:
                self._drop(connection)
            self._timer = None
            if self._idle:
                self._schedule_closing()


def _connect(pool: Postgres, **parameters: Any) -> Any:
    return _bounded().connect(dbname=pool.database, **parameters)


@cache
def _bounded() -> Any:
    """Return psycopg's connection, in which no thread waits for ever: the server may hang, or answers be lost (F10)."""
    import psycopg

    class Connection(psycopg.Connection[Any]):
        answer_seconds: float | None = ANSWER_SECONDS

        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            try:
                return super().wait(gen, interval, self.answer_seconds if timeout is None else timeout)
            except psycopg.errors._WaitTimeout as error:  # noqa: SLF001 it has no other name
                self.pgconn.finish()
                raise psycopg.OperationalError("timeout: the server does not answer") from error

    return Connection


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _close_leaked(pool: "weakref.ref[Postgres]", connection: Any) -> None:
    """Close the connection a thread leaked when it ended: it may be in the middle of a transaction."""
    owner = pool()
    if owner is None:
        return
    with owner._changed:  # noqa: SLF001 a method of the pool, but free of it so that the finalizer does not keep it alive
        if owner._used.pop(id(connection), None) is not None:  # noqa: SLF001
            owner._drop(connection)  # noqa: SLF001
            owner._changed.notify()  # noqa: SLF001
            log.warning("connection_left_by_a_thread")


def _is_alive(connection: Any) -> bool:
    """Is the connection still open? An idle one has nothing to read; data or EOF means the server closed it."""
    if connection.closed:
        return False
    line = select.poll()
    line.register(connection.fileno(), select.POLLIN)
    return not line.poll(0)
