"""Checks of the database: there, its own, of this version, with enough connections, durable, and on time."""

import platform
from datetime import datetime
from typing import Any

from portal.base import clock
from portal.checks.finding import Finding, Findings
from portal.config import Config, ConfigError
from portal.server import tables
from portal.server.failures import sentence_of
from portal.store import db, migrator
from portal.store.postgres import SETTINGS, SPARE, Postgres, TooFew
from portal.work import heartbeat

SECONDS_APART = 2.0  # tolerated between clocks: a text's or code's validity is counted in minutes
NTP = "Let NTP set the clocks of all machines (samay1.nic.in, samay2.nic.in)."
BOOK = "migrations_core"  # every database of a portal has it


def database(config: Config) -> Findings:
    """Is the database there, and does it answer?"""
    path = config.sqlite_path
    if path and not path.exists():
        yield Finding(f"There is no database ({path}) yet.", "Run `portal migrate`, or correct PORTAL_DATABASE_URL.")
        return
    try:
        tables.open_tables(config)
        db.database.connect(reuse_if_open=True)
        db.database.execute_sql("SELECT 1").fetchone()
    except Exception as error:  # noqa: BLE001 report whatever is wrong
        yield Finding(sentence_of(error) or f"The database fails: {type(error).__name__}: {error}".splitlines()[0])


def foreign_database(config: Config) -> Findings:
    """Is it a portal's database, and not one of another program?"""
    names = set(db.database.get_tables())
    if names and BOOK not in names:
        yield Finding(
            f"The database holds tables of another program ({', '.join(sorted(names)[:3])}) and none of a portal.",
            "Give the portal a database of its own, and correct PORTAL_DATABASE_URL.",
        )


def newer_schema(config: Config) -> Findings:
    """Has a newer version of the program changed the database so that this one may not work with it?"""
    if names := tables.unserved_migrations():
        yield Finding(
            f"The database is newer than this program: it has had {', '.join(names)}.",
            "Install the version that made it, or put back the copy from before.",
        )


def migrations(config: Config) -> Findings:
    """Are all migrations applied?"""
    pending = [(owner, migrator.pending(owner, folder)) for owner, folder in tables.migration_owners()]
    if missing := [f"{owner}/{name}" for owner, names in pending for name in names]:
        yield Finding(
            f"Migrations are not applied yet: {', '.join(missing)}.",
            "Run `portal migrate`; `portal upgrade --dry-run` says what that means.",
        )


def database_key(config: Config) -> Findings:
    """Was the database made with this secret key, and not by another deployment?"""
    try:
        tables.require_key()
    except ConfigError as error:
        yield Finding(str(error))


def connections(config: Config) -> Findings:
    """Does PostgreSQL allow enough connections for all processes of all nodes?"""
    real = db.database.obj
    if not isinstance(real, Postgres) or config.is_pooled:
        return
    try:
        real.require_enough()
    except TooFew as error:
        yield Finding(str(error))
    most = int(_setting("max_connections"))
    if config.database_connections > most - SPARE:
        yield Finding(
            f"PORTAL_DATABASE_CONNECTIONS is {config.database_connections}, but PostgreSQL allows {most} in all.",
            f"Set it to {most - SPARE} or less, or raise max_connections.",
        )
    nodes = {row.name.partition(":")[0] for row in heartbeat.living()} | {platform.node()[:50]}
    if len(nodes) > 1 and not config.database_connections:
        yield Finding(
            f"{len(nodes)} nodes share PostgreSQL, and each takes all of its {most} connections for itself.",
            f"Set PORTAL_DATABASE_CONNECTIONS to {(most - SPARE) // len(nodes)} on each.",
        )


def pooler(config: Config) -> Findings:
    """Behind PgBouncer: does the account have the timeouts that no connection brings along?"""
    if config.is_pooled and (missing := [name for name in SETTINGS if _setting(name) in ("0", "")]):
        yield Finding(
            f"PostgreSQL ends nothing that takes too long: the account has no {', '.join(missing)}.",
            "Run `portal migrate`, which sets them for its account, then type RECONNECT at PgBouncer's console.",
        )


def encoding(config: Config) -> Findings:
    """Does the database hold every script (UTF-8)?"""
    if not db.is_sqlite() and (found := _setting("server_encoding")) != "UTF8":
        yield Finding(
            f"The database is encoded in {found}: it cannot hold Hindi.",
            "Make one with createdb --encoding UTF8 --template template0, and move the tables there.",
        )


def durability(config: Config) -> Findings:
    """Is what was answered still there after a power cut (fsync, synchronous_commit)?"""
    if db.is_sqlite():
        return
    off = [name for name in ("fsync", "synchronous_commit", "full_page_writes") if _setting(name) == "off"]
    if off:
        yield Finding(
            f"PostgreSQL loses what it has answered at a power cut: off is {', '.join(off)}.",
            "Set them on in postgresql.conf (synchronous_commit: ALTER DATABASE … RESET synchronous_commit).",
        )


def page_checksums(config: Config) -> Findings:
    """Does PostgreSQL compare its pages with checksums, and has it found damaged ones?"""
    if db.is_sqlite():
        return  # the verification of each backup reads every page
    if _setting("data_checksums") == "off":
        yield Finding(
            "PostgreSQL does not notice when a disk damages its pages (data_checksums is off).",
            "Stop it, type: pg_checksums --enable -D <its data folder>, and start it.",
            is_note=True,
        )
    failures: Any = db.database.execute_sql(
        "SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()"
    ).fetchone()[0]
    if failures:
        yield Finding(
            f"PostgreSQL has read {failures} damaged pages of this database.",
            "Look at the disk, and restore the last backup on another one: its log names the tables.",
        )


def database_clock(config: Config) -> Findings:
    """Does this machine's clock agree with the database's?"""
    if config.clock_start is None:
        yield from _apart(clock.now(), heartbeat.database_time(), "the database's")


def _apart(own: datetime, other: datetime, whose: str) -> Findings:
    seconds = (own - other).total_seconds()
    if abs(seconds) > SECONDS_APART:
        yield Finding(
            f"This machine's clock is {abs(seconds):.0f} seconds {'ahead of' if seconds > 0 else 'behind'} {whose}.",
            NTP,
        )


def _setting(name: str) -> str:
    rows: Any = db.database.execute_sql("SELECT current_setting(%s)", (name,))
    return str(rows.fetchone()[0])


OPENS = (database,)
TABLES = (foreign_database, newer_schema, migrations)
CHECKS = (database_key, connections, pooler, encoding, durability, page_checksums, database_clock)
