"""What pending migrations would do: to which tables, how large they are, and whether nodes that run may go on."""

from collections.abc import Iterator

from portal.base import clock
from portal.config import Config
from portal.keeping.models import Backup
from portal.keeping.schedule import STALE
from portal.server import tables
from portal.store import migrator
from portal.store.db import database, is_sqlite
from portal.store.migrator import Step

SIZE = """
SELECT reltuples::bigint, pg_total_relation_size(oid) FROM pg_class
WHERE oid = to_regclass(quote_ident(%s))
"""


def plan(config: Config) -> Iterator[str]:
    """Open the database and yield a line for each thing to know before an upgrade. Changes nothing.

    Raises ConfigError where a newer version has migrated it.
    """
    tables.open_for_migrating(config)
    waiting = [step for step, _folder in tables.pending_steps()]
    if not waiting:
        yield "The tables are up to date: no migration would run, and nodes may be replaced one by one."
        return
    yield f"{len(waiting)} migrations would run, in this order:"
    there = set(database.get_tables())
    for step in waiting:
        yield f"  {step}: {_kind(step)}{_tables(sorted(step.named & there))}"
    if not there:
        return
    yield _others()
    yield _backup()


def is_safe() -> bool:
    """Does all that is pending only add, or is there a backup to return to, or nothing yet to lose?"""
    waiting = [step for step, _folder in tables.pending_steps()]
    only_adds = all(step.expands for step in waiting)
    return only_adds or not migrator.runner().applied() or _newest() is not None


def _kind(step: Step) -> str:
    if step.expands:
        return "expands (it only adds; any older node may go on)"
    if step.serves == step.name:
        return "contracts (no older node may go on)"
    return f"contracts (nodes that know {step.serves} may go on, older ones not)"


def _tables(names: list[str]) -> str:
    found = [f"{name} ({_size(name)})" for name in names]
    return f". Tables: {', '.join(found)}" if found else ""


def _size(table: str) -> str:
    rows, size = -1, ""
    if not is_sqlite():
        rows, used = database.execute_sql(SIZE, (table,)).fetchone()
        size = f", {used / 1_000_000:,.1f} MB"
    if rows < 0:  # PostgreSQL has not estimated it yet
        rows = database.execute_sql(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608 a table's name
    return f"{rows:,} rows{size}"


def _others() -> str:
    if tables.stops_others():
        return (
            "Running nodes of the version before may NOT go on: they stop by themselves "
            f"{tables.STOP_SECONDS:.0f} seconds before it begins, and answer 503 until they are replaced."
        )
    return "Running nodes of the version before may go on: replace them one by one afterwards, the workers first."


def _newest() -> Backup | None:
    """Return the newest verified backup, if it is not stale."""
    if not Backup.table_exists():  # type: ignore[no-untyped-call]
        return None
    recent = Backup.verified & (Backup.taken_at > clock.now() - STALE)
    found: Backup | None = Backup.select().where(recent).order_by(Backup.taken_at.desc()).first()
    return found


def _backup() -> str:
    if (newest := _newest()) is None:
        return (
            "There is no verified backup of the last day: make one first, with the version that runs "
            "(`portal backup FILE` in its folder)."
        )
    hours = (clock.now() - newest.taken_at).total_seconds() / 3600
    return (
        f"The newest verified backup is {hours:.0f} hours old: {newest.place}, {newest.size / 1_000_000:,.1f} MB, "
        f"taken {newest.taken_at:%Y-%m-%d %H:%M} UTC."
    )
