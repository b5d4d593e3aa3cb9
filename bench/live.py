"""`make bench-live`: cost of polling live pages, relative to a bare hello of the same server in the same run.

First the raw rate of polls (wrk), then a clinic day: thousands of open pages at the intervals the server gives them,
while doctors call and complete. Loopback only; it stops by itself. PATIENTS, DOCTORS, SECONDS and MOVES change it.
"""

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles
from time import monotonic

from bench.clinic import Page, make_clinic
from bench.server import ROOT, Server, running
from bench.watchers import SPREAD, Tally, probe, watch

SESSIONS = 20
PATIENTS = int(os.environ.get("PATIENTS", "10000"))
DOCTORS = int(os.environ.get("DOCTORS", "500"))
SECONDS = int(os.environ.get("SECONDS", "60"))
MOVES = float(os.environ.get("MOVES", "5"))  # a second: 500 doctors, eight minutes and four moves a patient: 4.2
WRK_SECONDS = 5
ROTATED = 400

LUA = """
local pages = {%s}
local requests, turn = {}, 0
function init()
  for place, page in ipairs(pages) do
    requests[place] = wrk.format("GET", page[1], {["Host"] = "127.0.0.1", ["Cookie"] = page[2],
      ["HX-Request"] = "true", ["Accept-Encoding"] = "gzip", ["If-None-Match"] = page[3]})
  end
end
function request()
  turn = turn %% #requests + 1
  return requests[turn]
end
"""


def main() -> None:
    """Measure, and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        environ, port = environment(Path(folder))
        patients, boards = make_pages(environ)
        with running(environ, port) as server:
            for line in (*_rates(server, patients, Path(folder)), *_day(server, environ, patients, boards)):
                sys.stdout.write(line + "\n")
                sys.stdout.flush()


def environment(folder: Path) -> tuple[dict[str, str], int]:
    """A demo with data in this folder, migrated and seeded, and its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {"PORTAL_DEMO": "1", "PORTAL_DATA_DIR": str(folder / "var"), "PORTAL_BIND": f"127.0.0.1:{port}"}
    kept = {name: value for name, value in os.environ.items() if name in {"PORTAL_DATABASE_URL", "PORTAL_WEB_WORKERS"}}
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TZ": "UTC"} | own | kept
    for command in ("migrate", "seed-demo"):
        subprocess.run(
            [sys.executable, "-m", "portal", command], env=environ, cwd=ROOT, check=True, capture_output=True
        )
    return environ, port


def make_pages(environ: dict[str, str]) -> tuple[list[Page], list[Page]]:
    """The open pages of patients and doctors, in a clinic made for them."""
    from portal.app import create_app
    from portal.base.clock import now
    from portal.config import load
    from portal.store.db import database

    app = create_app(load(environ))
    made = make_clinic(app, SESSIONS, PATIENTS // SESSIONS, DOCTORS // SESSIONS, now())
    database.close()
    return made


def _rates(server: Server, patients: list[Page], folder: Path) -> list[str]:
    """Measure polls per second: unchanged pages (304), and full fragments (200)."""
    if shutil.which("wrk") is None:
        return ["wrk is not installed, so raw rates are not measured (apt-get install wrk)"]
    chosen = patients[:: max(1, len(patients) // ROTATED)]
    script = folder / "polls.lua"
    hello = Page("", "", "/hello")
    wanted = {
        "bare hello": [(hello, "")] * len(chosen),
        "polls, nothing new (304)": [(page, _etag(server, page)) for page in chosen],
        "polls, all of it new": [(page, "") for page in chosen],
    }
    runs = {name: [_wrk(server.url, script, pages) for _ in range(2)] for name, pages in wanted.items()}
    best = max(runs["bare hello"])
    return [
        f"{name:24} {max(rates):9,.0f} requests/s, {max(rates) / best:.0%} of hello" for name, rates in runs.items()
    ]


def _wrk(url: str, script: Path, pages: list[tuple[Page, str]]) -> float:
    """Use the same load generator for all cases, as choosing the next page has a cost too."""
    rows = (
        "{" + ", ".join(json.dumps(text) for text in (page.address, page.cookie, etag)) + "}" for page, etag in pages
    )
    script.write_text(LUA % ",\n".join(rows))
    line = ["wrk", "-t1", "-c64", f"-d{WRK_SECONDS}s", "-s", str(script), url]
    said = subprocess.run(line, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in said:
        raise SystemExit(f"the server refused polls: {said}")
    return float(re.findall(r"Requests/sec:\s+([\d.]+)", said)[0])


def _etag(server: Server, page: Page) -> str:
    from urllib.request import Request, urlopen

    with urlopen(Request(server.url + page.address, headers={"Cookie": page.cookie})) as answer:
        return str(answer.headers["ETag"])


def _day(server: Server, environ: dict[str, str], patients: list[Page], boards: list[Page]) -> list[str]:
    tally, spent = asyncio.run(_watched(server, environ, patients, boards))
    if not tally.delays or not tally.seconds:
        raise SystemExit(f"nothing was measured: {tally.statuses} {tally.failures[:3]}")
    slow, late = quantiles(tally.seconds, n=100), quantiles(tally.delays, n=100)
    memory = ", ".join(f"{megabytes:.0f}" for megabytes in server.memory())
    return [
        f"{len(patients):,} patients and {len(boards)} doctors watch, {len(tally.delays) / SECONDS:.1f} moves/s:",
        f"  polls                  {len(tally.seconds) / SECONDS:9,.0f} a second",
        f"  answers                {tally.statuses}, failed connections {len(tally.failures)}",
        f"  sent                   {tally.bytes / SECONDS / 1024:9,.0f} KB/s",
        f"  CPU of web processes   {spent / SECONDS:9.1%} of one core",
        f"  answer                 {median(tally.seconds) * 1000:9.1f} ms median, {slow[98] * 1000:.1f} ms p99",
        f"  commit to next poll    {median(tally.delays) * 1000:9.0f} ms median, {late[98] * 1000:.0f} ms p99",
        f"  memory of each process {memory} MB",
    ]


async def _watched(
    server: Server, environ: dict[str, str], patients: list[Page], boards: list[Page]
) -> tuple[Tally, float]:
    """Open all pages; after a first poll of each, measure."""
    tally, began = Tally(), monotonic()
    starts = began + SPREAD + 4
    everybody = asyncio.create_task(
        watch(server.host, server.port, [*patients, *boards], starts + SECONDS, starts, tally)
    )
    await asyncio.sleep(starts - monotonic())
    before = server.cpu_seconds()
    await _moves(server, environ, {page.uid: page for page in patients}, tally)
    spent = server.cpu_seconds() - before
    await everybody
    return tally, spent


async def _moves(server: Server, environ: dict[str, str], pages: dict[str, Page], tally: Tally) -> None:
    line = [sys.executable, "-m", "bench.moves", str(MOVES), str(SECONDS)]
    moves = await asyncio.create_subprocess_exec(*line, env=environ, cwd=ROOT, stdout=subprocess.PIPE)
    probes = []
    async for said in moves.stdout or ():
        uid, state, committed = said.decode().split()
        probes.append(asyncio.create_task(probe(server.host, server.port, pages[uid], state, float(committed), tally)))
    await asyncio.gather(*probes)


if __name__ == "__main__":
    main()
