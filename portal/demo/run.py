"""`portal demo`: everything in one terminal, and Ctrl-C stops it all."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import click
import httpx
from flask import Flask

from portal.app import create_app
from portal.base import clock
from portal.config import Config, load
from portal.demo import history
from portal.demo.seed import PASSWORD, seed
from portal.plugin_host.registry import registry
from portal.server import listening, tables

SAY_EVERY = 60  # seconds
STOP_SECONDS = 12
LOG, SHOWN = "demo.log", 20  # the processes' log in the data directory; lines shown of it when one exits unasked
RESTARTS, RESTARTS_WITHIN = 5, 60.0  # restart limit, so that a crash loop is not hidden
SIGN_INS = (
    ("Patient", "mobile 9000000001, family of 1000001 to 1000003 (born 1985-05-05, 1985-05-05, 1950-01-01)"),
    ("Medical officer", "mo.01"),
    ("Doctor", "dr.medicine1"),
    ("Pharmacist", "pharm.01"),
    ("Administrator", "admin"),
)


@dataclass
class Processes:
    """Supervisor of web server and worker, each in its own session, so that Ctrl-C reaches only us.

    What they say goes into a file: a JSON line a request would push the sign-ins off the screen.
    """

    log: Path
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    stopping: bool = False
    ready: bool = False
    restarts: list[float] = field(default_factory=list)

    def start(self, command: str) -> None:
        """Start `portal <command>`, which exits when this process dies."""
        line = [sys.executable, "-m", "portal", command, "--with-parent", str(os.getpid())]
        with self.log.open("ab") as out:
            self.children[command] = subprocess.Popen(  # noqa: S603 our own program
                line, start_new_session=True, stdout=out, stderr=out
            )

    def stop(self, signum: int = 0, frame: FrameType | None = None) -> None:
        """Terminate all children (also a signal handler)."""
        self.stopping = True
        for child in self.children.values():
            if child.poll() is None:
                child.terminate()

    def all_run(self) -> bool:
        """Are all running? Restarts a dead one, with a message, up to the restart limit.

        One that exits before all are ready is not restarted: its log says why.
        """
        for command, child in list(self.children.items()):
            if self.ready and child.poll() is not None and not self.stopping and self._may_restart():
                what = f"portal {command} has died ({_ending(child.returncode)})"
                click.echo(f"  {what}; another one takes its place.", err=True)
                self.start(command)
        return all(child.poll() is None for child in self.children.values())

    def wait_for_end(self) -> int:
        """Wait until one exits, then stop the others. Returns 0 when stopped on purpose."""
        while not self.stopping and self.all_run():
            clock.sleep(0.2)
        wanted = self.stopping
        for command, child in self.children.items():
            if child.poll() is not None and not wanted:
                click.echo(f"  portal {command} has ended ({_ending(child.returncode)}), so all end.", err=True)
                click.echo(_last_words(self.log), err=True)
        self.stop()
        for child in self.children.values():
            _end(child)
        return 0 if wanted else 1

    def _may_restart(self) -> bool:
        moment = clock.monotonic()
        self.restarts = [at for at in self.restarts if moment - at < RESTARTS_WITHIN] + [moment]
        return len(self.restarts) <= RESTARTS


def _last_words(log: Path) -> str:
    """The end of a log, without the lines about requests."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if '"event": "request"' not in line]
    return "\n".join(f"    {line}" for line in lines[-SHOWN:])


def _ending(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _end(child: subprocess.Popen[bytes]) -> None:
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def run() -> None:
    """Migrate, seed, start the processes, print the URL, and supervise until Ctrl-C."""
    os.environ["PORTAL_DEMO"] = "1"
    config = load()
    listening.require_free(config)
    app = prepare(config)
    log = config.data_dir / LOG
    log.write_bytes(b"")
    processes = Processes(log)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # SIGHUP: the terminal was closed
        signal.signal(number, processes.stop)
    try:
        processes.start("serve")
        processes.start("worker")
        if _wait_until_ready(config, processes):
            _greet(config)
            with app.app_context():
                history.fill(clock.now())  # after the start, which it would delay
    except BaseException:
        processes.stop()
        raise
    finally:
        code = processes.wait_for_end()
    sys.exit(code)


def prepare(config: Config) -> Flask:
    """Migrate and seed; returns the application. Idempotent."""
    for _line in tables.migrate(config):
        pass
    tables.require_key()
    app = create_app(config)
    with app.app_context():
        registry().sync()
        seed(300, now=datetime.now(UTC), config=config)
    return app


def _wait_until_ready(config: Config, processes: Processes) -> bool:
    """Poll until the server is ready; False when a process exits before. Prints a line every SAY_EVERY seconds."""
    url, said = f"http://{'[::1]' if config.host == '::1' else config.host}:{config.port}/readyz", clock.monotonic()
    while not processes.stopping and processes.all_run():
        if _answers(url):
            processes.ready = True
            return True
        clock.sleep(0.1)
        if clock.monotonic() - said > SAY_EVERY:
            said = clock.monotonic()
            click.echo("  The server does not answer yet; it is still waited for.", err=True)
    return False


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _greet(config: Config) -> None:
    click.echo(f"\n  Paramarsh is ready at {config.base_url}\n")
    click.echo(f"  Staff sign in at {config.base_url}/staff/login with the password {PASSWORD}")
    for role, sign_in in SIGN_INS:
        click.echo(f"    {role:<16} {sign_in}")
    click.echo(f"  The patient's telephone: {config.base_url}/demo/phone/9000000001")
    click.echo(f"  Every request and every error: {config.data_dir / LOG}")
    click.echo("  Ctrl-C stops everything; the data stays in the data directory.\n")
