"""PgBouncer in transaction mode, in front of a PostgreSQL server of tests."""

import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.servers import free_port, need, wait_for

POOL = 4  # sessions of PostgreSQL, for all clients together
CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={upstream}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {pool}
max_client_conn = 500
server_reset_query =
logfile = {folder}/pgbouncer.log
pidfile = {folder}/pgbouncer.pid
"""


@contextmanager
def running_pgbouncer(postgres: str) -> Iterator[str]:
    """Yield the address of a database behind it. It refuses to run as root, so root runs it as `postgres`."""
    need("pgbouncer", "nothing runs behind a pool of PostgreSQL's sessions")
    parts, port = urlsplit(postgres), free_port()
    who: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as name:
        folder = Path(name)
        folder.chmod(0o777)
        file = folder / "pgbouncer.ini"
        upstream = CONFIGURATION.format(upstream=parts.port, port=port, pool=POOL, folder=folder)
        file.write_text(upstream.replace("* = ", f"* = user={parts.username} "))
        file.chmod(0o644)
        url = f"postgresql://{parts.username}@127.0.0.1:{port}{parts.path}"
        with subprocess.Popen(["pgbouncer", "--quiet", str(file)], cwd=folder, **who) as process:

            def listens() -> bool:
                """Nobody signs in yet: PostgreSQL's sessions get the account's settings when they begin."""
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
                    return True
                return False

            try:
                wait_for(listens, "PgBouncer to listen")
                yield url
            finally:
                process.terminate()
                process.wait(15)
