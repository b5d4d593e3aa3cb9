"""The tables at a start: opened, waited for, as new as this program, and of our key."""

from collections.abc import Iterator
from pathlib import Path

import click
import peewee

from portal.base import clock, keys
from portal.config import Config, ConfigError
from portal.plugin_host import registry
from portal.server.failures import is_away, sentence_of
from portal.store import data_folder, migrator
from portal.store.db import database, open_database
from portal.store.postgres import Postgres
from portal.work import audit

START_SECONDS, TRY_EVERY = 60.0, 3.0  # how long a start waits for its database


def migrate(config: Config) -> Iterator[str]:
    """Run what is pending, the core first, then each plugin; a sentence for each step. Raises ConfigError."""
    open_tables(config)
    wait_for_database()
    _require_no_foreign()
    for owner, folder in migration_owners():
        for name in _brought_up(owner, folder):
            yield f"{owner}: {name}"
    yield "The tables are up to date."


def require_migrated() -> None:
    """Raise ConfigError when a migration is missing, or one was made that this version does not know."""
    _require_no_foreign()
    missing = [name for owner, folder in migration_owners() for name in migrator.pending(owner, folder)]
    if missing:
        raise ConfigError("The tables are not up to date; run `portal migrate` first.")


def require_key() -> None:
    """Raise ConfigError when this database was made with another key: nothing of its secrets could be opened."""
    if not audit.is_of_our_keys():
        raise ConfigError(
            "PORTAL_SECRET_KEY is not the key of this database. Name the one that made it, after a comma while you "
            "change it; if that is lost for good, `portal rekey` begins anew with this one and counts what is lost."
        )


def foreign() -> list[str]:
    """Migrations of the core and the plugins that this database has had and nobody here knows: `owner/name`."""
    return [f"{owner}/{name}" for owner, folder in migration_owners() for name in migrator.unknown(owner, folder)]


def _require_no_foreign() -> None:
    if names := foreign():
        raise ConfigError(
            f"The database is newer than this program: it has had {', '.join(names)}, which is not here. "
            "Install the version that made it, or put back the copy from before."
        )


def _brought_up(owner: str, folder: Path) -> list[str]:
    """What was run. A migration that fails, such as a plugin's, is named with what it said."""
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
    """Return once the opened database answers, with a line for each try while it is away.

    Raises what peewee says, or TooFew when a server has too few connections for this node.
    """
    deadline = clock.monotonic() + seconds
    while True:
        try:
            database.connect(reuse_if_open=True)
        except peewee.PeeweeException as error:
            left = deadline - clock.monotonic()
            if not is_away(error) or left <= 0:
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
    )


def migration_owners() -> list[tuple[str, Path]]:
    """(owner, folder) of every set of migrations: the core first."""
    return [("core", migrator.FOLDER), *registry.migration_folders(registry.discover()).items()]
