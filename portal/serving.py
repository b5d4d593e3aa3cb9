"""Running the portal: web server and worker."""

import logging

from granian.constants import Interfaces

from portal.config import Config
from portal.server import listening
from portal.server.tables import open_tables, require_key, require_migrated, wait_for_database
from portal.server.web_processes import WebProcesses
from portal.store.db import close_database
from portal.web.incoming.bodies import RECEIVING
from portal.web.log import configure

# Threads cost nothing until they are needed. Some are never given to bodies, so slow ones stop nobody (decision 0004).
BLOCKING_THREADS = RECEIVING + 8
# Open connections of a process. granian's own limit (1,024 over all) keeps further pages waiting until others close.
CONNECTIONS = 16_384


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


def _require_usable() -> None:
    """Wait for the database and check it. No connection is left open: none may be carried over into a web process, and
    one that the main thread keeps for days is dead by the time it ends the worker."""
    wait_for_database()
    require_migrated()
    require_key()
    close_database()
