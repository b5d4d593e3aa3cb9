"""The deployment under test: each process may get SIGKILL at any moment, and is restarted."""

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from tests.postgres import PostgresServer
from tests.processes import children, command, descendants, is_gone
from tests.scripted import Scripted, Step, scripted_server
from tests.servers import Portal, free_port, need, seeded_portal, wait_for

Engine = Literal["sqlite", "postgresql", "nodes"]
TARGETS: dict[Engine, tuple[str, ...]] = {
    "sqlite": ("serve", "worker", "a web process", "a printer"),
    "postgresql": ("serve", "worker", "postgres", "redis", "a web process", "a printer", "a database process"),
    "nodes": ("web A", "worker B", "redis", "web B", "worker A", "postgres"),
}
FEW, MANY = 300, 1230  # people: the demo's, and enough for a hundred kills
ORPHANS_END = 45.0  # seconds: a rendering child has its own timeout
FIELDS = "uid=$uid\nto=$mobile\ntext=$text"


class Redis:
    """Redis for the queue, in memory only: a kill loses every job."""

    def __init__(self, folder: Path) -> None:
        need("redis-server", "no queue in Redis is killed")
        self._folder, port = folder, free_port()
        folder.mkdir(parents=True, exist_ok=True)
        self._line = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.url = f"redis://127.0.0.1:{port}/0"
        self.process: subprocess.Popen[bytes]

    def start(self) -> None:
        """Start it empty."""
        with (self._folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(self._line, cwd=self._folder, stdout=log, stderr=log)

    def kill(self) -> None:
        """Send SIGKILL and wait."""
        self.process.kill()
        self.process.wait()

    stop = kill


class Rig:
    """Web, worker and their stores, with an SMS gateway that is never killed."""

    def __init__(self, engine: Engine, folder: Path, gateway: Scripted, people: int, **own: str) -> None:
        self.gateway, self.engine, self.people = gateway, engine, people
        self.stores: dict[str, PostgresServer | Redis] = {}
        self.killed: Counter[str] = Counter()
        self.gave_up: Counter[str] = Counter()
        self._orphans: dict[int, str] = {}
        bind = f"127.0.0.1:{free_port()}"
        common = {"PORTAL_BIND": bind, "PORTAL_WEB_WORKERS": "2"} | texts_to(gateway) | self._stores(folder)
        self.settings = common | own
        self.portal = seeded_portal(folder / "var", **self.settings)
        if people > FEW:
            self.portal.command("seed-demo", "--beneficiaries", str(people))

    def _stores(self, folder: Path) -> dict[str, str]:
        if self.engine == "sqlite":
            return {}
        self.stores = {"postgres": PostgresServer(), "redis": Redis(folder / "redis")}
        for store in self.stores.values():
            store.start()
        return {"PORTAL_DATABASE_URL": self.stores["postgres"].url, "PORTAL_REDIS_URL": self.stores["redis"].url}

    def start(self) -> None:
        """Start web and worker, and wait until the portal is ready."""
        for name in ("serve", "worker"):
            self.portal.start(name)
        self.wait_until_ready()

    def kill(self, target: str) -> Callable[[], None]:
        """Kill a target if it runs; return a function that restarts it, or does nothing where the portal does."""
        if target in self.stores:
            self.killed[target] += 1
            self.stores[target].kill()
            return self.stores[target].start
        if target in self.portal.children:
            self.killed[target] += 1
            self.kill_child(self.portal, target)
            return lambda: self.portal.start(target)
        for pid in self._found(target)[:1]:
            self.killed[target] += 1
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return lambda: None

    def supervise(self) -> None:
        """Restart what has exited by itself, as an operator's supervisor does."""
        for portal in self.portals():
            for name, child in list(portal.children.items()):
                if child.poll() is not None:
                    self.gave_up[name] += 1
                    portal.start(name)

    def wait_until_ready(self) -> None:
        """Poll /readyz, restarting processes that exited without their database."""

        def ready() -> bool:
            self.supervise()
            return all(portal.is_ready() for portal in self.portals())

        wait_for(ready, "the portal to be ready again", 60)

    def portals(self) -> list[Portal]:
        """The nodes: one here."""
        return [self.portal]

    def stop(self) -> dict[str, int]:
        """Stop everything in order; return the exit codes."""
        codes = {name: self.portal.stop(name) for name in list(self.portal.children)}
        for store in self.stores.values():
            if store.process.poll() is None:
                store.stop()
        return codes

    def wait_for_orphans(self) -> None:
        """Wait until children of killed processes have exited."""

        def left() -> list[str]:
            return [line for pid, line in self._orphans.items() if not is_gone(pid) and command(pid) == line]

        wait_for(lambda: not left(), f"orphans to end: {left()}", ORPHANS_END)

    def kill_child(self, portal: Portal, name: str) -> None:
        """Send SIGKILL to a process of a node, and note what it leaves behind."""
        child = portal.children.pop(name)
        self._orphans |= {pid: command(pid) for pid in descendants(child.pid)}
        child.kill()
        child.wait()

    def _found(self, target: str) -> list[int]:
        """Return the pids of a kind of child; its parent may have been killed too."""
        name, words = {
            "a web process": ("serve", "python"),
            "a printer": ("worker", "paper.printing"),
            "a database process": ("postgres", "portal postgres 127.0.0.1"),
        }[target]
        store, child = self.stores.get(name), self.portal.children.get(name)
        parent = store.process if store else child
        below = children(parent.pid) if parent else []
        return [pid for pid in below if words in command(pid) and not is_gone(pid)]


def texts_to(gateway: Scripted) -> dict[str, str]:
    """Return the settings that send SMS to this gateway by HTTP."""
    own = {"URL": f"{gateway.url}/send", "METHOD": "POST", "FORMAT": "form", "FIELDS": FIELDS, "ACCEPTED": "taken"}
    return {
        "PORTAL_INTERNAL_HOSTS": urlsplit(gateway.url).netloc,
        "PORTAL_SMS_GATEWAY_DRIVERS": "http",
        "PORTAL_SMS_GATEWAY_HTTP_PRESET": "own",
    } | {f"PORTAL_SMS_GATEWAY_HTTP_{key}": value for key, value in own.items()}


@contextmanager
def running_rig(
    engine: Engine, folder: Path, people: int, make: "Callable[[Path, Scripted, int], Rig] | None" = None
) -> Iterator[Rig]:
    """Start a rig, and stop every process at the end. `make`: another kind of rig."""
    with ExitStack() as stack:
        gateway = stack.enter_context(scripted_server())
        gateway.otherwise = Step(body=b"taken")
        rig = make(folder, gateway, people) if make else Rig(engine, folder, gateway, people)
        stack.callback(rig.stop)
        rig.start()
        yield rig
