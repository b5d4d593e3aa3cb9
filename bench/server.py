"""The web server under load: started as in production, its processes' CPU and memory read from /proc."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from urllib.request import urlopen

ROOT = Path(__file__).parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
START = "from portal import config, serving; serving.make_server(config.load(), 'bench.hello:app').run()"
READY_SECONDS = 30


class Server:
    """A granian with its workers."""

    def __init__(self, environ: dict[str, str], port: int) -> None:
        self.host, self.port = "127.0.0.1", port
        self.child = subprocess.Popen(
            [sys.executable, "-c", START], env=environ, cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        self._wait()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self.host}:{self.port}"

    def cpu_seconds(self) -> float:
        """CPU time of all web processes so far."""
        return sum(_cpu(pid) for pid in self._processes())

    def memory(self) -> list[float]:
        """Resident megabytes of each web process."""
        return [_resident(pid) for pid in self._processes()]

    def _processes(self) -> list[int]:
        children = Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children").read_text().split()
        return [int(pid) for pid in children]

    def _wait(self) -> None:
        deadline = monotonic() + READY_SECONDS
        while monotonic() < deadline:
            try:
                with urlopen(f"{self.url}/hello", timeout=2):
                    return
            except OSError:
                sleep(0.1)
        raise SystemExit(f"the web server did not start within {READY_SECONDS} s")


@contextmanager
def running(environ: dict[str, str], port: int) -> Iterator[Server]:
    """A server, stopped at the end."""
    server = Server(environ, port)
    try:
        yield server
    finally:
        server.child.terminate()
        server.child.wait(20)


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))
