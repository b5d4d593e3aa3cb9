"""Run the web server or the worker."""

import logging

from granian.constants import Interfaces

from portal.config import Config
from portal.server import counters, listening
from portal.server.tables import open_tables, require_key, require_migrated, wait_for_database
from portal.server.web_processes import WebProcesses
from portal.store.db import close_database
from portal.web.incoming.bodies import RECEIVING
from portal.web.log import configure

# Idle threads cost nothing. Eight are never used for bodies, so that slow ones block nobody (decision 0004).
BLOCKING_THREADS = RECEIVING + 8
# Open connections of a process. granian's default (1,024 in total) makes further clients wait until others close.
CONNECTIONS = 16_384


def serve(config: Config) -> None:
    """Serve the web application until SIGTERM or SIGINT. Raises ConfigError when the address is taken."""
    configure()
    with listening.claimed(config):
        open_tables(config)
        _require_usable()
        with counters.shared(config):
            make_server(config).run()


def make_server(config: Config, target: str = "portal.wsgi:app") -> WebProcesses:
    """Make the production web server; `make bench-live` gives it another target."""
    # Suppress granian's warning about many threads: they are intended (decision 0004).
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
    """Run the worker until SIGTERM."""
    from portal import worker
    from portal.app import create_app

    app = create_app(config)
    _require_usable()
    worker.work(app)


def _require_usable() -> None:
    """Wait for the database and check migrations and key. Close the connection: no web process
    may inherit it, and one held idle for days by the main thread is stale."""
    wait_for_database()
    require_migrated()
    require_key()
    close_database()
