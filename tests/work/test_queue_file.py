"""The task queue's file: a corrupt one is moved aside and recreated, and work goes on."""

import os
import sqlite3
from contextlib import suppress

import pytest

from portal.tasks import make_queue


def damage(path, how):
    if how == "rubbish":
        path.write_bytes(b"no database at all" * 500)
    elif how == "other":
        path.unlink()
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE other (x)")
    else:
        os.truncate(path, 100)
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


@pytest.mark.parametrize("how", ["rubbish", "cut", "other"])
def test_a_corrupt_queue_file_is_moved_aside_and_recreated(app, config, how):
    queue = make_queue(config)
    assert queue.pending_count() == 0
    queue.storage.close()
    damage(config.data_dir / "queue.db", how)
    fresh = make_queue(config)
    with suppress(sqlite3.DatabaseError):  # the call that finds the corruption fails once
        fresh.pending_count()
    assert fresh.pending_count() == 0
    aside = [path.name for path in config.data_dir.glob("queue.db.damaged-*")]
    assert bool(aside) == (how != "other")


def test_a_deleted_queue_file_is_recreated(app, config):
    queue = make_queue(config)
    assert queue.pending_count() == 0
    (config.data_dir / "queue.db").unlink()
    assert queue.pending_count() == 0
