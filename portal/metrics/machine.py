"""Series of the machine: disk, the database's connections, the version."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from portal import __version__
from portal.metrics.series import Series, gauge, gauges
from portal.store import disk
from portal.store.db import database, is_sqlite

# Of this database alone, as other programs may share the server. Behind PgBouncer these are the pooler's.
BY_STATE = """
SELECT coalesce(state, 'unknown'), count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' GROUP BY 1
"""
STATES = ("active", "idle", "idle in transaction")
LIMIT = "SELECT current_setting('max_connections')::int"


def series(now: datetime) -> Series:
    """Yield version and disk."""
    yield gauges("portal_info", "The version that runs.", ("version",), [((__version__,), 1)])
    yield gauge("portal_disk_free_bytes", "Free bytes on the disk of the data folder.", disk.free())
    yield gauge("portal_disk_low_bytes", "Below so many free bytes no files are taken.", disk.low_mark())


def pool(now: datetime) -> Series:
    """Yield PostgreSQL's connections by state, and how many it allows. SQLite has no pool, and these no values."""
    counts, limit = ({}, None) if is_sqlite() else (_connections(), _one(LIMIT))
    rows = (((state,), count) for state, count in counts.items())
    yield gauges("portal_database_connections", "PostgreSQL's connections of this database.", ("state",), rows)
    yield gauge("portal_database_connections_limit", "Connections that PostgreSQL allows.", limit)


def _connections() -> dict[str, float]:
    found: dict[str, float] = dict.fromkeys((*STATES, "other"), 0)
    rows: Iterator[Any] = database.execute_sql(BY_STATE).fetchall()
    for state, count in rows:
        found[state if state in STATES else "other"] += count
    return found


def _one(sql: str) -> float:
    return float(database.execute_sql(sql).fetchone()[0])
