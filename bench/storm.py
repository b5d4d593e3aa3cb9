"""`make bench-storm`: reconnection storm (thundering herd) after a server outage (safety.md F45).

Thousands of pages poll; the web server is stopped; each page asks later and later, as live.js does; the server starts
again on the same PostgreSQL. Compared is the database's own count of transactions and rows, before the outage and in
the 30 seconds after it. PATIENTS, AWAY (seconds) change it.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from asyncio import IncompleteReadError
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic

import psycopg

from bench.clinic import Page
from bench.live import DOCTORS, MOVES, PATIENTS, environment, make_pages
from bench.server import ROOT, Server
from bench.watchers import OK, SPREAD, Connection, interval_of
from tests.postgres import running_postgres

AWAY = float(os.environ.get("AWAY", "20"))
NORMAL, AFTER = 20.0, 30.0
COUNTED = "SELECT xact_commit, tup_returned + tup_fetched FROM pg_stat_database WHERE datname = current_database()"
FIRST, LONGEST = 1.5, 15.0  # live.js
MOST = 2  # F45


@dataclass
class Crowd:
    """Counters of all pages since the restart."""

    is_over: bool = False
    returned_at: float = 0.0
    came_back: dict[str, float] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)

    def answered(self, page: Page, status: int) -> None:
        """Count a response of the new server."""
        if self.returned_at:
            self.came_back.setdefault(page.address, monotonic() - self.returned_at)
            self.statuses[status] = self.statuses.get(status, 0) + 1


@dataclass(frozen=True)
class Load:
    """Database activity of one second."""

    transactions: float
    rows: float


def main() -> None:
    """Measure and print the table; exit code 1 when a page did not reconnect, or the load was MOST times the usual."""
    with tempfile.TemporaryDirectory() as folder, running_postgres() as url:
        os.environ["PORTAL_DATABASE_URL"] = url
        environ, port = environment(Path(folder))
        patients, boards = make_pages(environ)
        pages = [*patients, *boards]
        crowd, normal, after, peak = asyncio.run(_outage(environ, port, url, pages))
    waits = sorted(crowd.came_back.values())
    half, most, last = waits[len(waits) // 2], waits[len(waits) * 95 // 100], waits[-1]
    lines = [
        f"{PATIENTS:,} patients and {DOCTORS} doctors watch, the server is away for {AWAY:.0f} s:",
        f"  back                   {len(waits):9,} of {len(pages):,}",
        f"  half, 95 %, the last   {half:9.1f} s, {most:.1f} s, {last:.1f} s",
        f"  answers after it       {crowd.statuses}",
        f"  database before        {normal.transactions:9,.0f} transactions/s, {normal.rows:,.0f} rows/s",
        f"  30 s after             {after.transactions:9,.0f} transactions/s, {after.rows:,.0f} rows/s",
        f"  times as much          {after.transactions / normal.transactions:9.2f}, {after.rows / normal.rows:.2f}",
        f"  worst 5 s of them      {peak.transactions:9,.0f} transactions/s, {peak.rows:,.0f} rows/s",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.exit(int(len(waits) < len(pages) or after.transactions >= MOST * normal.transactions))


async def _outage(environ: dict[str, str], port: int, url: str, pages: list[Page]) -> tuple[Crowd, Load, Load, Load]:
    crowd, lot, server = Crowd(), Random(1), Server(environ, port)
    everybody = [asyncio.create_task(_page(server, page, lot, crowd)) for page in pages]
    moves = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.moves",
        str(MOVES),
        str(SPREAD + 4 + NORMAL + AWAY + AFTER + 10),
        env=environ,
        cwd=ROOT,
        stdout=asyncio.subprocess.DEVNULL,
    )
    await asyncio.sleep(SPREAD + 4)
    normal = await _load(url, NORMAL)
    await _stop(server.child)
    await asyncio.sleep(AWAY)
    server = await asyncio.to_thread(Server, environ, port)
    crowd.returned_at = monotonic()
    fives = [await _load(url, 5) for _ in range(int(AFTER / 5))]
    crowd.is_over = True
    await asyncio.gather(*everybody)
    await _stop(server.child)
    await moves.wait()
    after = Load(sum(five.transactions for five in fives) / len(fives), sum(five.rows for five in fives) / len(fives))
    return crowd, normal, after, max(fives, key=lambda five: five.transactions)


async def _stop(child: subprocess.Popen[bytes]) -> None:
    """With its workers, as a supervisor does."""
    child.terminate()
    await asyncio.to_thread(child.wait, 20)


async def _page(server: Server, page: Page, lot: Random, crowd: Crowd) -> None:
    """One open page: polls at the server's interval, and retries with exponential back-off after a failure."""
    connection, interval, failures = Connection(server.host, server.port, page), 10, 0
    await asyncio.sleep(lot.random() * SPREAD)
    while interval and not (crowd.is_over and page.address in crowd.came_back):
        if crowd.is_over and monotonic() > crowd.returned_at + 2 * AFTER:
            break
        began = monotonic()
        try:
            status, body = await connection.poll()
        except (OSError, EOFError, IncompleteReadError):
            connection.close()
            connection, failures = connection.again(), failures + 1
            await asyncio.sleep(min(LONGEST, FIRST * 2 ** (failures - 1)) * (0.5 + lot.random()))
            continue
        failures = 0
        crowd.answered(page, status)
        interval = interval_of(body) if status == OK else interval
        await asyncio.sleep(max(0.0, began + interval - monotonic()))
    connection.close()


async def _load(url: str, seconds: float) -> Load:
    before, began = await asyncio.to_thread(_counted, url), monotonic()
    await asyncio.sleep(seconds)
    after, took = await asyncio.to_thread(_counted, url), monotonic() - began
    return Load((after[0] - before[0]) / took, (after[1] - before[1]) / took)


def _counted(url: str) -> tuple[int, int]:
    """Read PostgreSQL's counters of transactions and rows."""
    with psycopg.connect(url) as connection:
        return next(connection.execute(COUNTED))


if __name__ == "__main__":
    main()
