"""Running the portal: web server, worker, migrations."""

import logging
from collections.abc import Iterator
from pathlib import Path

import click
import peewee
from granian.constants import Interfaces

from portal.base import clock, keys
from portal.config import Config, ConfigError
from portal.plugin_host import registry
from portal.server import listening
from portal.server.failures import is_away, sentence_of
from portal.server.web_processes import WebProcesses
from portal.store import data_folder, migrator
from portal.store.db import close_database, database, open_database
from portal.store.postgres import Postgres
from portal.web.incoming.bodies import RECEIVING
from portal.web.log import configure
from portal.work import audit

# Threads cost nothing until they are needed. Some are never given to bodies, so slow ones stop nobody (decision 0004).
BLOCKING_THREADS = RECEIVING + 8
# Open connections of a process. granian's own limit (1,024 over all) keeps further pages waiting until others close.
CONNECTIONS = 16_384
START_SECONDS, TRY_EVERY = 60.0, 3.0  # how long a start waits for its database


def serve(config: Config) -> None:
    """Serve the web application until SIGTERM or SIGINT. Raises ConfigError when the address is taken."""
    configure()
    with listening.claimed(config):
        open_tables(config)
        _require_usable()
        make_server(config).run()


def make_server(config: Config, target: str = "portal.wsgi:app") -> WebProcesses:
    """The web server as it runs in production; `make bench-live` gives it another target."""
    # granian doubts so many threads at each start; they are meant (decision 0004).
    logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in record.getMessage())
    return WebProcesses(
        target,
        address=listening.number_of(config),
        port=config.port,
        interface=Interfaces.WSGI,
        websockets=False,
        workers=config.web_workers,
        blocking_threads=BLOCKING_THREADS,
        backlog=4096,
        backpressure=CONNECTIONS,
        log_access=False,
        workers_kill_timeout=10,
    )


def work(config: Config) -> None:
    """Be the worker until SIGTERM."""
    from portal import worker
    from portal.app import create_app

    app = create_app(config)
    _require_usable()
    worker.work(app)


def migrate(config: Config) -> Iterator[str]:
    """Run what is pending, the core first, then each plugin; a sentence for each step. Raises ConfigError."""
    open_tables(config)
    wait_for_database()
    _require_no_foreign()
    for owner, folder in migration_owners():
        for name in _brought_up(owner, folder):
            yield f"{owner}: {name}"
    yield "The tables are up to date."


def _require_usable() -> None:
    """Wait for the database and check it. No connection is left open: none may be carried over into a web process, and
    one that the main thread keeps for days is dead by the time it ends the worker."""
    wait_for_database()
    require_migrated()
    require_key()
    close_database()


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
