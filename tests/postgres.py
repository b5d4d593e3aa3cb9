"""PostgreSQL for tests, as a direct child that can be killed, reaped and restarted on the same data."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.processes import descendants, is_gone
from tests.servers import Portal, free_port, running_portal, unavailable, wait_for


class PostgresServer:
    """A server with its own data; `is_durable`: with fsync; `has_checksums`: of its pages.

    As root it runs under the account `postgres`.

    Its folder is none of pytest's: each pytest that begins, also one that a test starts, shuts those to other accounts,
    and the server dies at its next checkpoint.
    """

    def __init__(self, port: int = 0, *, is_durable: bool = False, has_checksums: bool = False) -> None:
        self._tools, self._port = _tools(), port or free_port()
        self._sync = [] if is_durable else ["-F"]
        self._folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        self._data = self._folder / "data"
        self._who: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._who = {"user": "postgres", "group": "postgres", "extra_groups": []}
            shutil.chown(self._folder, "postgres", "postgres")
        setup = ["-D", str(self._data), "-A", "trust", "-U", "portal", "-E", "UTF8", "--no-sync"]
        setup += ["--data-checksums"] if has_checksums else []
        program = self._tools / "initdb"
        subprocess.run([program, *setup], check=True, capture_output=True, cwd=self._folder, **self._who)
        self.url = f"postgresql://portal@127.0.0.1:{self._port}/postgres"
        self.process: subprocess.Popen[bytes]

    def start(self) -> None:
        """Start, and wait until connections are accepted."""
        line = ["-D", str(self._data), "-p", str(self._port), "-k", str(self._folder), "-h", "127.0.0.1", *self._sync]
        with (self._folder / "postgres.log").open("ab") as log:
            program = self._tools / "postgres"
            self.process = subprocess.Popen([program, *line], cwd=self._folder, stdout=log, stderr=log, **self._who)
        wait_for(self._accepts, "PostgreSQL to accept connections")

    def damage(self, file: str) -> None:
        """Flip a bit in the first page of a table's file, as a disk does. The server must be down."""
        path = self._data / file
        content = bytearray(path.read_bytes())
        content[8000] ^= 1
        path.write_bytes(content)

    def kill(self) -> None:
        """Send SIGKILL to all its processes and remove the pid file, as either would prevent a restart."""
        children = descendants(self.process.pid)
        for pid in (self.process.pid, *children):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(15)
        wait_for(lambda: all(is_gone(pid) for pid in children), "PostgreSQL's processes to be gone")
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    def stop(self) -> None:
        """Fast shutdown, without waiting for connections; deletes the data."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(15)
        shutil.rmtree(self._folder)

    def _accepts(self) -> bool:
        import psycopg

        if self.process.poll() is not None:
            pytest.fail(f"PostgreSQL ended with {self.process.returncode}")
        try:
            with psycopg.connect(self.url, connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False


@contextmanager
def running_postgres(port: int = 0, *, is_durable: bool = False) -> Iterator[str]:
    """The URL of a PostgreSQL server for one test."""
    server = PostgresServer(port, is_durable=is_durable)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


@pytest.fixture(scope="module")
def portal_on_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The demo as `make run` starts it, but on PostgreSQL; one per test file."""
    folder = tmp_path_factory.mktemp("portal")
    with running_postgres() as url, running_portal(folder, PORTAL_DATABASE_URL=url) as running:
        yield running


def _tools() -> Path:
    """Return the folder of the newest version's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        unavailable(
            "PostgreSQL is not installed, so nothing is tested on it (scripts/system-libraries test installs it)"
        )
    return found[-1].parent
