"""Heartbeat: a row for each worker, so that every node can see whether one is alive.

Its times are the database's, because of clock skew between nodes (safety.md F36).
"""

import os
import secrets
import socket
from datetime import datetime, timedelta
from typing import cast

import peewee

from portal.base import clock
from portal.store.db import BaseModel, UTCDateTimeField, database, is_sqlite, write

EVERY_SECONDS = 3.0
SILENT_AFTER = timedelta(seconds=15)
FORGOTTEN_AFTER = timedelta(hours=1)


class WorkerRow(BaseModel):
    """One running worker."""

    name = peewee.CharField(max_length=80, unique=True)
    started_at = UTCDateTimeField()
    beat_at = UTCDateTimeField()
    has_queue = peewee.BooleanField()
    skew_ms = peewee.BigIntegerField(default=0)  # by how much its own clock is ahead of the database's

    class Meta:
        table_name = "worker"


class Heart:
    """The heartbeat of this process."""

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()[:50]}:{os.getpid()}:{secrets.token_hex(4)}"

    def beat(self, *, has_queue: bool) -> None:
        """Write this worker's heartbeat; delete workers that have been silent for long."""
        now = database_time()
        skew = round((clock.now() - now).total_seconds() * 1000)
        beat = WorkerRow.update(beat_at=now, has_queue=has_queue, skew_ms=skew).where(WorkerRow.name == self.name)
        with write():
            if not beat.execute():
                WorkerRow.create(name=self.name, started_at=now, beat_at=now, has_queue=has_queue, skew_ms=skew)
                WorkerRow.delete().where(WorkerRow.beat_at < now - FORGOTTEN_AFTER).execute()

    def stop(self) -> None:
        """Delete this worker's row when it stops, so that nobody waits for the timeout."""
        with write():
            WorkerRow.delete().where(WorkerRow.name == self.name).execute()


def living() -> list[WorkerRow]:
    """List the workers whose heartbeat is recent."""
    return list(WorkerRow.select().where(WorkerRow.beat_at > database_time() - SILENT_AFTER))


def is_working() -> bool:
    """Is any worker alive, to send texts and render documents?"""
    return bool(living())


def database_time() -> datetime:
    """Return the current time of the database's own clock."""
    now = "strftime('%Y-%m-%d %H:%M:%f', 'now')" if is_sqlite() else "clock_timestamp() AT TIME ZONE 'utc'"
    return cast(datetime, WorkerRow.beat_at.python_value(database.execute_sql(f"SELECT {now}").fetchone()[0]))
