"""Database at start-up: open, wait with retries, migrate, check versions and key."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path

import click
import peewee

from portal.base import clock, keys
from portal.config import Config, ConfigError
from portal.plugin_host import discovery
from portal.plugin_host.needs import is_idle_guest
from portal.server import listening
from portal.server.failures import is_transient, sentence_of
from portal.store import data_folder, migrator
from portal.store.db import database, is_sqlite, open_database
from portal.store.migrator import Step
from portal.store.postgres import Postgres
from portal.store.wait_budget import begin_waiting
from portal.work import audit, heartbeat

START_SECONDS, TRY_EVERY = 60.0, 3.0  # timeout and retry interval of a start
# Until processes that a migration does not serve have looked (server.schema_watch), and ended what they were at.
STOP_SECONDS = 10.0
LISTED, LOCK_TRIES = 3, 10
OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def migrate(config: Config, only: str = "") -> Iterator[Step | str]:
    """Run pending migrations of the core, then of each plugin. Yields each, and sentences. Raises ConfigError.

    `only`: those of this plugin, for which the core's own must be done.
    """
    open_for_migrating(config)
    if config.is_pooled and isinstance(database.obj, Postgres):
        database.obj.set_for_account()
    waiting = pending_steps()
    if only:
        _require_core(waiting, only)
        waiting = [(step, folder) for step, folder in waiting if step.owner == only]
    try:
        if migrator.note(step for step, _folder in waiting) and stops_others() and _is_used(config):
            yield f"Nodes of the version before stop now; the migrations begin in {STOP_SECONDS:.0f} seconds."
            clock.sleep(STOP_SECONDS)
        for step, folder in waiting:
            migrator.note([step])
            _run_migration(step, folder)
            yield step
    except BaseException:
        with suppress(peewee.PeeweeException):
            migrator.take_back(step for step, _folder in waiting)
        raise
    yield f"The tables of {only} are up to date." if only else "The tables are up to date."


def pending_steps() -> list[tuple[Step, Path]]:
    """List the migrations that are not applied yet, in their order, with their folders."""
    return [
        (step, folder)
        for owner, folder in migration_owners()
        for pending in [migrator.pending(owner, folder)]
        for step in migrator.steps(owner, folder)
        if step.name in pending
    ]


def stops_others() -> bool:
    """Must nodes stop that know all that was applied so far, and nothing of what is pending?"""
    waiting = pending_steps()
    running = {step.owner: frozenset(migrator.runner(step.owner, folder).applied()) for step, folder in waiting}
    return any(step.stops(running[step.owner]) for step, _folder in waiting if running[step.owner])


def open_for_migrating(config: Config) -> None:
    """Open the database itself, and wait for it. Raises ConfigError where a newer version has migrated it."""
    open_tables(config.past_pool())
    wait_for_database()
    _require_served()


def require_migrated() -> None:
    """Raise ConfigError for a pending migration, or for an applied one beside which this version may not work."""
    _require_served()
    owners = migration_owners()
    if not migrator.pending():
        owners = [(owner, folder) for owner, folder in owners if not is_idle_guest(owner)]
    missing = [f"{owner}/{name}" for owner, folder in owners for name in migrator.pending(owner, folder)]
    if missing:
        raise ConfigError(
            f"The tables are not up to date: the database has not had {_listed(missing)}. See what it means with "
            "`portal upgrade --dry-run`, then run `portal migrate` first."
        )


def require_key() -> None:
    """Raise ConfigError when the database was made with another key: no secret could be decrypted."""
    if not audit.is_of_our_keys():
        raise ConfigError(
            "PORTAL_SECRET_KEY is not the key of this database. Name the one that made it, after a comma while you "
            "change it; if that is lost for good, `portal rekey` begins anew with this one and counts what is lost."
        )


def unserved_migrations() -> list[str]:
    """List the migrations of newer code that the database has had and beside which this may not work: `owner/name`."""
    return [f"{owner}/{name}" for owner, folder in migration_owners() for name in migrator.unserved(owner, folder)]


def _require_served() -> None:
    if names := unserved_migrations():
        raise ConfigError(
            f"The database is newer than this program: it has had {_listed(names)}, which is not here. "
            "Install the version that made it, or put back the copy from before."
        )


def _require_core(waiting: list[tuple[Step, Path]], plugin: str) -> None:
    if plugin not in discovery.discover():
        raise ConfigError(f"There is no plugin {plugin}. Install it with pip first; `portal plugin list` shows all.")
    if any(step.owner == "core" for step, _folder in waiting):
        raise ConfigError(
            "The portal's own tables are not up to date: run `portal migrate`, which does those of plugins too."
        )


def _listed(names: list[str]) -> str:
    """Name them; of many, the first, how many, and the last."""
    return ", ".join(names) if len(names) <= LISTED else f"{names[0]} and {len(names) - 1} more up to {names[-1]}"


def _is_used(config: Config) -> bool:
    """Does anybody else work with this database, as far as this node can see?"""
    if not is_sqlite():
        return bool(database.execute_sql(OTHERS).fetchone()[0])
    try:
        listening.require_free(config)
    except ConfigError:
        return True
    return migrator.is_noted() and heartbeat.is_working()


def _run_migration(step: Step, folder: Path) -> None:
    """Run one migration; one that waits for a lock lets the others pass, and tries again.

    Raises ConfigError with its name and error, peewee's error when the database is gone.
    """
    for left in reversed(range(LOCK_TRIES)):
        begin_waiting()
        try:
            with _unhurried():
                migrator.runner(step.owner, folder).up(target=step.name)
        except peewee.OperationalError as error:
            if "lock timeout" not in str(error):
                raise
            if not left or not step.is_whole:
                raise ConfigError(
                    f"{step} found its tables in use for {LOCK_TRIES} tries. What came before it stays; run "
                    "`portal migrate` again when less is going on."
                ) from error
            clock.sleep(1)
        except Exception as error:
            raise ConfigError(
                f"A migration of {step.owner} failed ({step.name}): {type(error).__name__}: {error}. "
                "What came before it stays; mend or take away what is named, and run `portal migrate` again."
            ) from error
        else:
            return


def _unhurried() -> AbstractContextManager[None]:
    """Let a statement of the block take its time, as over a large table."""
    return database.obj.unhurried() if isinstance(database.obj, Postgres) else nullcontext()


def wait_for_database(seconds: float = START_SECONDS) -> None:
    """Retry until the database answers or the timeout ends, with a line for each try.

    Raises peewee's error, or TooFew when the server's connection limit is too low for this node.
    """
    deadline = clock.monotonic() + seconds
    while True:
        try:
            database.connect(reuse_if_open=True)
        except peewee.PeeweeException as error:
            left = deadline - clock.monotonic()
            if not is_transient(error) or left <= 0:
                raise
            click.echo(f"{sentence_of(error)} Trying again for {left:.0f} seconds.", err=True)
            clock.sleep(min(TRY_EVERY, left))
        else:
            if isinstance(database.obj, Postgres):
                database.obj.require_enough()
            return


def open_tables(config: Config) -> None:
    """Open the database without the application."""
    data_folder.prepare(config)
    keys.install(config.secret_key)
    open_database(
        config.database_url,
        config.data_dir / "write.lock",
        processes=config.processes,
        allowed=config.database_connections,
        pooled=config.is_pooled,
    )


def migration_owners() -> list[tuple[str, Path]]:
    """List (owner, folder) of all migrations, the core first."""
    return [("core", migrator.FOLDER), *discovery.migration_folders(discovery.discover()).items()]
