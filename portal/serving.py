"""Running the portal: web server, worker, migrations."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.server.common import AbstractServer

from portal import data_folder, plugins
from portal.config import Config, ConfigError
from portal.core import keys, schema
from portal.core.db import open_database
from portal.web.bodies import RECEIVING

# Threads cost nothing until they are needed. Some are never given to bodies, so slow ones stop nobody (decision 0004).
BLOCKING_THREADS = RECEIVING + 8
# Open connections of a process. granian's own limit (1,024 over all) keeps further pages waiting until others close.
CONNECTIONS = 16_384


def serve(config: Config) -> None:
    """Serve the web application until SIGTERM or SIGINT."""
    open_tables(config)
    require_migrated()
    make_server(config).serve()


def make_server(config: Config, target: str = "portal.wsgi:app") -> AbstractServer[Any]:
    """The web server as it runs in production; `make bench-live` gives it another target."""
    # granian doubts so many threads at each start; they are meant (decision 0004).
    logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in record.getMessage())
    return Granian(
        target,
        address=config.host,
        port=config.port,
        interface=Interfaces.WSGI,
        websockets=False,
        workers=config.web_workers,
        blocking_threads=BLOCKING_THREADS,
        backlog=4096,
        backpressure=CONNECTIONS,
        log_access=False,
        workers_kill_timeout=10,
        respawn_failed_workers=True,
    )


def work(config: Config) -> None:
    """Be the worker until SIGTERM."""
    from portal import worker
    from portal.app import create_app

    app = create_app(config)
    require_migrated()
    worker.work(app)


def migrate(config: Config) -> Iterator[str]:
    """Run what is pending, the core first, then each plugin; a sentence for each step."""
    open_tables(config)
    for owner, folder in migration_owners():
        for name in schema.runner(owner, folder).up():
            yield f"{owner}: {name}"
    yield "The tables are up to date."


def require_migrated() -> None:
    """Raise ConfigError when a migration of the core or a plugin is missing. The database must be open."""
    missing = [name for owner, folder in migration_owners() for name in schema.pending(owner, folder)]
    if missing:
        raise ConfigError("The tables are not up to date; run `portal migrate` first.")


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
    return [("core", schema.FOLDER), *plugins.migration_folders(plugins.discover()).items()]
