"""PostgreSQL's connections: no process takes more than its share of what the server allows or keeps idle ones."""

import heapq
import threading
from typing import Any

from playhouse.db_url import parse
from playhouse.pool import PooledPostgresqlDatabase

from portal.core import clock

MOST, FEWEST = 40, 4  # of a process: it has no more threads than that, and cannot work with less
SPARE = 5  # for the commands of an operator
IDLE_SECONDS = 30.0
OPTIONS = "-c statement_timeout=5000 -c lock_timeout=5000 -c timezone=UTC"
LIMIT = """
SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
     - coalesce(current_setting('reserved_connections', true), '0')::int
"""


class TooFew(Exception):
    """The server allows fewer connections than this node needs; the text says what to do."""


class Postgres(PooledPostgresqlDatabase):
    """A pool whose size the server's own limit decides, once a connection is there to ask it."""

    def __init__(self, url: str, *, processes: int, allowed: int, patience: float) -> None:
        self._processes, self._allowed = processes, allowed
        self._is_sized, self._giving_back = False, False
        self._idle_since: dict[int, float] = {}
        super().__init__(
            **parse(url), max_connections=FEWEST, stale_timeout=300, timeout=patience, prefer_psycopg3=True,
            options=OPTIONS, connect_timeout=int(patience),
        )  # fmt: skip

    def share(self, connection: Any) -> int:
        """Connections for this process: an equal part of the server's, or of what this node may have of them."""
        limit = int(connection.execute(LIMIT).fetchone()[0])
        connection.rollback()
        allowed = min(limit - SPARE, self._allowed or limit)
        share = min(allowed // self._processes, MOST)
        if share < FEWEST:
            raise TooFew(
                f"PostgreSQL allows this node {allowed} connections; {self._processes} processes need {FEWEST} each. "
                "Raise max_connections (or PORTAL_DATABASE_CONNECTIONS), or lower PORTAL_WEB_WORKERS."
            )
        return share

    def _connect(self) -> Any:
        connection = super()._connect()
        with self._pool_lock:
            self._idle_since.pop(id(connection), None)
            if not self._is_sized:
                self._max_connections, self._is_sized = self.share(connection), True
        return connection

    def _close(self, conn: Any, close_conn: bool = False) -> None:
        super()._close(conn, close_conn)
        with self._pool_lock:
            self._idle_since[id(conn)] = clock.monotonic()
            if not self._giving_back:
                self._later()

    def _later(self) -> None:
        self._giving_back = True
        timer = threading.Timer(IDLE_SECONDS, self._give_back)
        timer.daemon = True
        timer.start()

    def _give_back(self) -> None:
        """Close what nobody has used for a while: other processes, and other nodes, may need it."""
        with self._pool_lock:
            idle: list[Any] = self._connections
            self._connections: list[Any] = []
            for entry in idle:
                if clock.monotonic() - self._idle_since.get(id(entry[2]), 0.0) < IDLE_SECONDS:
                    heapq.heappush(self._connections, entry)
                else:
                    self._idle_since.pop(id(entry[2]), None)
                    self._close_raw(entry[2])
            self._giving_back = False
            if self._connections:
                self._later()
