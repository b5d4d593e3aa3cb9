"""Database at start-up: open, wait with retries, migrate, check versions and key."""

from collections.abc import Iterator
from pathlib import Path

import click
import peewee

from portal.base import clock, keys
from portal.config import Config, ConfigError
from portal.plugin_host import registry
from portal.server.failures import is_transient, sentence_of
from portal.store import data_folder, migrator
from portal.store.db import database, open_database
from portal.store.postgres import Postgres
from portal.work import audit

START_SECONDS, TRY_EVERY = 60.0, 3.0  # timeout and retry interval of a start


def migrate(config: Config) -> Iterator[str]:
    """Run pending migrations of the core, then of each plugin, and yield a line for each. Raises ConfigError."""
    open_tables(config.past_pool())
    wait_for_database()
    _require_known_migrations()
    if config.is_pooled and isinstance(database.obj, Postgres):
        database.obj.set_for_account()
    for owner, folder in migration_owners():
        for name in _run_migrations(owner, folder):
            yield f"{owner}: {name}"
    yield "The tables are up to date."


def require_migrated() -> None:
    """Raise ConfigError for a pending migration, or an applied one that this version does not know."""
    _require_known_migrations()
    missing = [name for owner, folder in migration_owners() for name in migrator.pending(owner, folder)]
    if missing:
        raise ConfigError("The tables are not up to date; run `portal migrate` first.")


def require_key() -> None:
    """Raise ConfigError when the database was made with another key: no secret could be decrypted."""
    if not audit.is_of_our_keys():
        raise ConfigError(
            "PORTAL_SECRET_KEY is not the key of this database. Name the one that made it, after a comma while you "
            "change it; if that is lost for good, `portal rekey` begins anew with this one and counts what is lost."
        )


def unknown_migrations() -> list[str]:
    """List applied migrations that are not installed here: `owner/name`."""
    return [f"{owner}/{name}" for owner, folder in migration_owners() for name in migrator.unknown(owner, folder)]


def _require_known_migrations() -> None:
    if names := unknown_migrations():
        raise ConfigError(
            f"The database is newer than this program: it has had {', '.join(names)}, which is not here. "
            "Install the version that made it, or put back the copy from before."
        )


def _run_migrations(owner: str, folder: Path) -> list[str]:
    """Run an owner's migrations and list them. Raises ConfigError with the failed one and its error."""
    try:
        return list(migrator.runner(owner, folder).up())
    except peewee.OperationalError:
        raise
    except Exception as error:
        waiting = ", ".join(migrator.pending(owner, folder))
        raise ConfigError(
            f"A migration of {owner} failed ({waiting}): {type(error).__name__}: {error}. "
            "What came before it stays; mend or take away what is named, and run `portal migrate` again."
        ) from error


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
    return [("core", migrator.FOLDER), *registry.migration_folders(registry.discover()).items()]
