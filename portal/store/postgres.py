"""PostgreSQL's connections: no process takes more than its share of what the server allows or keeps idle ones.

peewee's own pool asks the server before it gives a connection away, and opens new ones, under a lock that everybody
needs: while the server cannot be reached its threads wait one after the other, each for the time-out of all before.
"""

import math
import select
import threading
import weakref
from contextlib import nullcontext
from typing import Any, cast

import structlog
from peewee import PostgresqlDatabase
from playhouse.db_url import parse

from portal.base import clock
from portal.base.errors import Unavailable
from portal.store.patience import waits

MOST, FEWEST = 40, 4  # of a process: it has no more threads than that, and cannot work with less
SPARE = 5  # for the commands of an operator
IDLE_SECONDS = 30.0
OPTIONS = "-c statement_timeout=5000 -c lock_timeout=5000 -c timezone=UTC"
LIMIT = """
SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
     - coalesce(current_setting('reserved_connections', true), '0')::int
"""
log = structlog.get_logger(__name__)


class TooFew(Exception):
    """The server allows fewer connections than this node needs; the text says what to do."""


class Leash:
    """Lives in a thread's own variables, and so ends with the thread."""


class Postgres(PostgresqlDatabase):
    """A pool whose size the server's own limit decides, once a connection is there to ask it."""

    def __init__(self, url: str, *, processes: int, allowed: int) -> None:
        self._processes, self._allowed = processes, allowed
        self._free = threading.Condition()  # guards all below
        self._size, self._is_sized, self._open = FEWEST, False, 0
        self._idle: list[tuple[float, Any]] = []  # since when; the last one used is taken first
        self._used: dict[int, Any] = {}
        self._timer: threading.Timer | None = None
        self._own = threading.local()
        super().__init__(**parse(url), prefer_psycopg3=True, options=OPTIONS)
        self._driver = cast(Any, self)._adapter  # noqa: SLF001 its own, which peewee's stubs do not name
        self._lock = nullcontext()  # what peewee guards with it belongs to the thread alone

    def require_enough(self) -> None:
        """Raise TooFew where this node's processes cannot all work. Asked at the start: later it is too late."""
        limit = self._limit(self.connection())  # type: ignore[no-untyped-call]
        allowed = min(limit - SPARE, self._allowed or limit)
        if allowed // self._processes < FEWEST:
            raise TooFew(
                f"PostgreSQL allows this node {allowed} connections; {self._processes} processes need {FEWEST} each. "
                "Raise max_connections (or PORTAL_DATABASE_CONNECTIONS), or lower PORTAL_WEB_WORKERS."
            )

    def close_all(self) -> None:
        """Close every connection, also those that other threads use."""
        self.close()
        with self._free:
            for connection in (*(one for _since, one in self._idle), *self._used.values()):
                connection.close()
            self._idle, self._used, self._open = [], {}, 0
            self._free.notify_all()
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def _connect(self) -> Any:
        with waits.one() as seconds:
            connection = self._taken(clock.monotonic() + seconds) or self._opened(seconds)
        with self._free:
            self._used[id(connection)] = connection
        self._own.leash = leash = Leash()
        self._own.end = weakref.finalize(leash, _abandoned, weakref.ref(self), connection)
        self._own.end.atexit = False
        return connection

    def _close(self, conn: Any) -> None:
        """Back into the pool, unless it is broken."""
        self._own.end.detach()
        is_good = self._driver.is_connection_reusable(conn)
        with self._free:
            if self._used.pop(id(conn), None) is None:
                return  # all were closed meanwhile
            if is_good:
                self._idle.append((clock.monotonic(), conn))
            else:
                self._drop(conn)
            self._free.notify()
            if self._idle and self._timer is None:
                self._later()

    def _taken(self, deadline: float) -> Any:
        """An idle connection, or None: then a place is kept for one that is to be opened. Raises Unavailable."""
        with self._free:
            while True:
                while self._idle:
                    _since, connection = self._idle.pop()
                    if _is_alive(connection):
                        return connection
                    self._drop(connection)
                if self._open < self._size:
                    self._open += 1
                    return None
                if not self._free.wait(max(deadline - clock.monotonic(), 0)):
                    raise Unavailable(retry_after=2)

    def _opened(self, seconds: float) -> Any:
        """A new connection, in the place that was kept. No lock is held, as the server may be far away."""
        connection = None
        try:
            connection = self._driver.connect(self, **self.connect_params, connect_timeout=max(math.ceil(seconds), 1))
            connection.autocommit = True
            self._measure(connection)
        except BaseException:
            with self._free:
                self._open -= 1
                self._free.notify()
            if connection is not None:
                connection.close()
            raise
        return connection

    def _measure(self, connection: Any) -> None:
        """Once: this process's equal part of the server's connections, or of what this node may have of them."""
        if self._is_sized:
            return
        limit = self._limit(connection)
        share = min(limit - SPARE, self._allowed or limit) // self._processes
        with self._free:
            self._size, self._is_sized = min(max(share, FEWEST), MOST), True
            self._free.notify_all()

    def _limit(self, connection: Any) -> int:
        return int(connection.execute(LIMIT).fetchone()[0])

    def _drop(self, connection: Any) -> None:
        self._open -= 1
        connection.close()

    def _later(self) -> None:
        self._timer = threading.Timer(IDLE_SECONDS, self._give_back)
        self._timer.daemon = True
        self._timer.start()

    def _give_back(self) -> None:
        """Close what nobody has used for a while: other processes, and other nodes, may need it."""
        with self._free:
            latest = clock.monotonic() - IDLE_SECONDS
            old = [one for since, one in self._idle if since <= latest]
            self._idle = [(since, one) for since, one in self._idle if since > latest]
            for connection in old:
                self._drop(connection)
            self._timer = None
            if self._idle:
                self._later()


def _abandoned(pool: "weakref.ref[Postgres]", connection: Any) -> None:
    """A thread has ended without giving its connection back: it may be in the midst of anything."""
    owner = pool()
    if owner is None:
        return
    with owner._free:  # noqa: SLF001 the pool's own business, outside of it so that the thread does not keep it alive
        if owner._used.pop(id(connection), None) is not None:  # noqa: SLF001
            owner._drop(connection)  # noqa: SLF001
            owner._free.notify()  # noqa: SLF001
            log.warning("connection_left_by_a_thread")


def _is_alive(connection: Any) -> bool:
    """Has the server hung up meanwhile? It says so on the line, where an idle connection is silent otherwise."""
    if connection.closed:
        return False
    line = select.poll()
    line.register(connection.fileno(), select.POLLIN)
    return not line.poll(0)
