"""`make bench-journeys`: what a whole journey costs the portal's processors, part by part; think time is left out.

From the OTP to the medicines, over kept sockets, on SQLite and on PostgreSQL with Redis, with signed PDFs and without
rendering. After each part the worker finishes what the part caused; then the CPU time of web, worker, printing children
and database is read from /proc. What this program itself takes is told apart. JOURNEYS changes their number.

    python -m bench.journeys [sqlite|postgresql [plain|signed]]
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import monotonic, process_time, sleep
from typing import Any

from bench.stages import STAGES, Journey, Staff
from portal.core.signing import places
from tests.kills.journeys import STAFFED, patients
from tests.kills.rig import Redis
from tests.postgres import PostgresServer
from tests.processes import descendants
from tests.servers import ROOT, Portal, free_port, seeded_portal, wait_for
from tests.signing import made

JOURNEYS = int(os.environ.get("JOURNEYS", "20"))
PEOPLE, WARM_UP = 1230, 3
IDLE = 200  # CPU ms in two seconds: heartbeat, sweeps
TICKS = os.sysconf("SC_CLK_TCK")
COUNTED = ("transition", "event", "delivery", "audit_row", "message", "spent_key", "sign_in")
COLUMNS = ("web", "worker", "printing", "database")
PENDING = """SELECT (SELECT count(*) FROM event WHERE next_at IS NOT NULL)
    + (SELECT count(*) FROM message WHERE state IN ('new', 'leased'))
    + (SELECT count(*) FROM prescription WHERE stored_at IS NULL)
    + (SELECT count(*) FROM referral_slip WHERE stored_at IS NULL)
    + (SELECT count(*) FROM large_print WHERE stored_at IS NULL)"""
PLAIN_WORKER = "from bench.stages import print_nothing; print_nothing(); from portal.cli import main; main(['worker'])"


@dataclass
class Bench:
    """A running portal, its database asked from here, and CPU milliseconds by part and column."""

    portal: Portal
    ask: Callable[[str], Any]
    stores: list[int]
    own_backend: int = 0
    spent: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(float)))

    def part(self, name: str, deed: Callable[[], None]) -> None:
        """Do a part, wait until the worker has done what it causes, and add up what it took."""
        before = self._cpu()
        deed()
        wait_for(lambda: self.ask(PENDING)[0] == 0, f"the worker after {name!r}")
        sleep(0.03)
        for column, now in self._cpu().items():
            self.spent[name][column] += now - before[column]

    def rows(self) -> dict[str, int]:
        """Count the rows of what every step writes."""
        return {table: int(self.ask(f"SELECT count(*) FROM {table}")[0]) for table in COUNTED}  # noqa: S608

    def wait_until_idle(self) -> None:
        """Wait until the processes that were started have loaded what they need."""
        while True:
            before = sum(self._cpu().values())
            sleep(2)
            if sum(self._cpu().values()) - before < IDLE:
                return

    def _cpu(self) -> dict[str, float]:
        web, worker = (self.portal.children[name].pid for name in ("serve", "worker"))
        own = _of(worker, with_ended=False)
        return {
            "web": _tree(web),
            "worker": own,
            "printing": _tree(worker) - own,
            "database": sum(_tree(pid) for pid in self.stores) - _of(self.own_backend),
        }


def _tree(pid: int) -> float:
    return sum(_of(one) for one in (pid, *descendants(pid)))


def _of(pid: int, *, with_ended: bool = True) -> float:
    """Return the CPU milliseconds of a process, with those of its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() if pid else []
    except OSError:
        return 0.0
    return sum(int(each) for each in fields[11 : 15 if with_ended else 13]) * 1000 / TICKS


def measure(engine: str, kind: str) -> None:
    """Run all journeys on one engine, `plain` or `signed`, and print the table."""
    with tempfile.TemporaryDirectory() as folder, _running(engine, kind, Path(folder)) as bench:
        staff = Staff(bench.portal)
        people = [one for one in patients(PEOPLE) if one.centre <= STAFFED and not one.is_senior]
        if len(people) < JOURNEYS + WARM_UP:
            raise SystemExit(f"JOURNEYS: there are only {len(people) - WARM_UP} people")
        for one in people[-WARM_UP:]:  # what is made once is made now
            _go(bench, Journey(staff, one, bench.ask))
        bench.wait_until_idle()
        bench.spent.clear()
        rows = bench.rows()
        began, own = monotonic(), process_time()
        requests = sum(_go(bench, Journey(staff, one, bench.ask)) for one in islice(people, JOURNEYS))
        own_ms, seconds = (process_time() - own) * 1000, monotonic() - began
        made_rows = {table: (now - rows[table]) / JOURNEYS for table, now in bench.rows().items()}
        _print(bench, engine, kind, requests, seconds, own_ms)
        print("rows a journey: " + ", ".join(f"{table} {count:.1f}" for table, count in made_rows.items()), flush=True)  # noqa: T201


def _go(bench: Bench, journey: Journey) -> int:
    for name, deed in STAGES.items():
        bench.part(name, lambda deed=deed: deed(journey))  # type: ignore[misc]
    return journey.requests()


def _print(bench: Bench, engine: str, kind: str, requests: int, seconds: float, own: float) -> None:
    cores, load = os.cpu_count() or 1, os.getloadavg()[0]
    words = {"plain": "without rendering", "signed": "with the signed PDF"}[kind]
    print(f"\n{engine}, {words}: {JOURNEYS} journeys, {cores} cores, load {load:.1f}; CPU ms a journey")  # noqa: T201
    print(f"{'':22}" + "".join(f"{column:>10}" for column in (*COLUMNS, "all")))  # noqa: T201
    total: dict[str, float] = defaultdict(float)
    for name, columns in bench.spent.items():
        _print_line(name, columns)
        for column, spent in columns.items():
            total[column] += spent
    _print_line("a journey", total)
    each = sum(total.values()) / JOURNEYS
    print(  # noqa: T201
        f"{requests / JOURNEYS:.0f} requests a journey; this program took {own / JOURNEYS:.0f} ms beside; "
        f"one after the other {JOURNEYS / seconds:.1f} journeys/s, {cores} cores hold {cores * 1000 / each:.1f}/s",
        flush=True,
    )


def _print_line(name: str, columns: dict[str, float]) -> None:
    values = [columns[column] / JOURNEYS for column in COLUMNS]
    print(f"{name:22}" + "".join(f"{value:10.1f}" for value in (*values, sum(values))))  # noqa: T201


@contextmanager
def _running(engine: str, kind: str, folder: Path) -> Iterator[Bench]:
    stores: list[Any] = [] if engine == "sqlite" else [PostgresServer(is_durable=True), Redis(folder / "redis")]
    try:
        for store in stores:
            store.start()
        urls = {"PORTAL_DATABASE_URL": stores[0].url, "PORTAL_REDIS_URL": stores[1].url} if stores else {}
        portal = seeded_portal(folder / "var", PORTAL_BIND=f"127.0.0.1:{free_port()}", **urls)
        portal.command("seed-demo", "--beneficiaries", str(PEOPLE))
        shutil.rmtree(portal.data_dir / places.DEMO, ignore_errors=True)
        if kind == "signed":
            shutil.copytree(made(), portal.data_dir / places.DEMO)
        _start(portal, kind)
        try:
            yield _connected(portal, engine, [store.process.pid for store in stores])
        finally:
            for name in list(portal.children):
                portal.stop(name)
    finally:
        for store in stores:
            store.stop()


def _start(portal: Portal, kind: str) -> None:
    portal.start("serve")
    if kind == "signed":
        portal.start("worker")
    else:
        with (portal.data_dir / "worker.log").open("ab") as log:
            portal.children["worker"] = subprocess.Popen(
                [sys.executable, "-c", PLAIN_WORKER],
                env=portal.environ,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
    wait_for(portal.is_ready, "the portal to be ready")


def _connected(portal: Portal, engine: str, stores: list[int]) -> Bench:
    if engine == "sqlite":
        import sqlite3

        file = sqlite3.connect(f"file:{portal.data_dir}/portal.db?mode=ro", uri=True)
        return Bench(portal, lambda query: file.execute(query).fetchone(), stores)
    import psycopg

    line = psycopg.connect(portal.environ["PORTAL_DATABASE_URL"], autocommit=True)
    return Bench(portal, lambda query: line.execute(query).fetchone(), stores, line.info.backend_pid)


if __name__ == "__main__":
    for engine in sys.argv[1:2] or ("sqlite", "postgresql"):
        for kind in sys.argv[2:3] or ("plain", "signed"):
            measure(engine, kind)
