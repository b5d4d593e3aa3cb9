"""The portal as operators run it, as child processes on a free port. PostgreSQL is in postgres.py."""

import atexit
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import httpx
import pytest

ROOT = Path(__file__).parent.parent
TIMEOUT = 60.0
Found = TypeVar("Found")


# Below the ephemeral range, or an outgoing connection could take the port before its server does.
_PORTS = iter(random.SystemRandom().sample(range(10_240, 32_000), 20_000))


def free_port() -> int:
    """Return a free TCP and UDP port, never the same one twice."""
    return next(port for port in _PORTS if _is_free(port))


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(type=kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def wait_for(look: Callable[[], Found | None], what: str, seconds: float = TIMEOUT) -> Found:
    """Poll until the condition holds; fail after the timeout with `what` was missing."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            pytest.fail(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.05)


def unavailable(sentence: str) -> NoReturn:
    """Skip with a sentence of what is not tested and why; fail in CI."""
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)


def need(program: str, what: str) -> None:
    """Skip unless this program is installed."""
    if not shutil.which(program):
        unavailable(f"{program} is not installed, so {what} (scripts/system-libraries test installs it)")


@dataclass
class Portal:
    """A running demo: web server and worker, with their own data."""

    url: str
    data_dir: Path
    environ: dict[str, str]
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def command(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `portal …` in this deployment."""
        line = [sys.executable, "-m", "portal", *arguments]
        return subprocess.run(line, env=self.environ, cwd=ROOT, check=check, capture_output=True, text=True)

    def start(self, name: str) -> None:
        """Start `portal <name>`, with its log in a file beside the data."""
        with (self.data_dir / f"{name}.log").open("ab") as log:
            line = [sys.executable, "-m", "portal", name]
            self.children[name] = subprocess.Popen(
                line, env=self.environ, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )

    def stop(self, name: str) -> int:
        """Send SIGTERM and return the exit code."""
        child = self.children.pop(name)
        child.terminate()
        try:
            return child.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            return -signal.SIGKILL

    def log(self, name: str) -> str:
        """Return a process's output."""
        path = self.data_dir / f"{name}.log"
        return path.read_text() if path.exists() else ""

    def is_ready(self) -> bool:
        """Is /readyz ok?"""
        for name, child in self.children.items():
            if child.poll() is not None:
                pytest.fail(f"portal {name} ended with {child.returncode}: {self.log(name)[-2000:]}")
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def messages(self, **wanted: str) -> list[dict[str, Any]]:
        """Return the SMS sent so far with these values, oldest first."""
        path = self.data_dir / "outbox" / "sms.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        sent = [json.loads(line) for line in lines]
        return [sms for sms in sent if all(sms[key] == value for key, value in wanted.items())]

    def message(self, template: str, to: str, after: int = 0) -> dict[str, Any]:
        """Wait for the newest SMS of this kind to this mobile; `after`: how many there were before."""

        def newest() -> dict[str, Any] | None:
            found = [sms for sms in self.messages(template=template) if sms["to"].endswith(to)]
            return found[-1] if len(found) > after else None

        return wait_for(newest, f"the {template} SMS to {to}")


def command(*arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    """Run `portal …` with only these settings in the environment; return the result."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PORTAL_")}
    line = [sys.executable, "-m", "portal", *arguments]
    environ = kept | {key: str(value) for key, value in settings.items()}
    return subprocess.run(line, env=environ, cwd=ROOT, check=False, capture_output=True, text=True, timeout=300)


def unseeded_portal(data_dir: Path, **settings: str) -> Portal:
    """Create a demo without tables, not started."""
    own = {"PORTAL_DEMO": "1", "PORTAL_DATA_DIR": str(data_dir), "TZ": "UTC"}
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PORTAL_")}
    data_dir.mkdir(parents=True, exist_ok=True)
    return Portal(f"http://{settings.get('PORTAL_BIND')}", data_dir, kept | own | settings)


def seeded_portal(data_dir: Path, **settings: str) -> Portal:
    """Create a seeded demo, not started."""
    portal = unseeded_portal(data_dir, **settings)
    if "PORTAL_DATABASE_URL" in settings:
        _seed(portal)
    else:
        shutil.copytree(_seeded(), data_dir, dirs_exist_ok=True)
    return portal


def _seed(portal: Portal) -> None:
    portal.command("migrate")
    portal.command("seed-demo")


@cache
def _seeded() -> Path:
    """Return a data directory as after the demo's first start, cached per process: it takes seconds of CPU."""
    folder = tempfile.mkdtemp(prefix="seeded-")
    atexit.register(shutil.rmtree, folder)
    _seed(unseeded_portal(Path(folder)))
    return Path(folder)


@contextmanager
def running_portal(data_dir: Path, *, forgiven: str = "", host: str = "127.0.0.1", **settings: str) -> Iterator[Portal]:
    """Run a demo on a free port; at the end both processes must exit cleanly, without errors in their logs.

    `forgiven`: lines with these words are what the test itself has caused.
    """
    port = free_port()
    portal = seeded_portal(data_dir, PORTAL_BIND=f"{host}:{port}", **settings)
    for name in ("serve", "worker"):
        portal.start(name)
    try:
        wait_for(portal.is_ready, "the portal to be ready")
        yield portal
    finally:
        codes = {name: portal.stop(name) for name in list(portal.children)}
    assert codes == {"serve": 0, "worker": 0}, portal.log("serve")[-2000:] + portal.log("worker")[-2000:]
    found = [line for line in complaints(portal) if not forgiven or forgiven not in line]
    assert found == [], found


def complaints(portal: Portal) -> list[str]:
    """List log lines at error level."""
    words = ("Traceback", "unexpected_error", "job_failed", "sweep_failed", "plugin_failed")
    lines = (portal.log("serve") + portal.log("worker")).splitlines()
    return [line for line in lines if any(word in line for word in words)]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The demo as `make run` starts it, one per test file."""
    with running_portal(tmp_path_factory.mktemp("portal")) as running:
        yield running
