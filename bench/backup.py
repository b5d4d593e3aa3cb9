"""`make bench-backup`: how much a whole backup slows writers down, as a ratio within one run, on both engines.

Three processes register people, draw tokens, store and remove records at full speed (tests/writers.py). Their rounds a
second are counted without and with backups one after the other, in turns, so that the machine's mood falls on both.
SECONDS of each turn, and TURNS, change it.
"""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.postgres import running_postgres
from tests.servers import ROOT, unseeded_portal
from tests.writers import Crew, prepare, writing

SECONDS, TURNS = float(os.environ.get("SECONDS", "15")), int(os.environ.get("TURNS", "3"))


def measure(engine: str) -> None:
    """Print a line for one engine."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        is_sqlite = engine != "postgresql"
        settings = {} if is_sqlite else {"PORTAL_DATABASE_URL": stack.enter_context(running_postgres())}
        portal = unseeded_portal(folder / "var", PORTAL_BIND="127.0.0.1:8000", **settings)
        portal.command("migrate")
        prepare(portal.environ)
        crew = stack.enter_context(writing(portal.environ, folder))
        crew.wait_for_more(3)
        alone, beside, made = 0.0, 0.0, 0
        for turn in range(TURNS):
            alone += rate(crew, SECONDS)
            began, done = time.monotonic(), len(crew.said())
            backups = 0
            while time.monotonic() < began + SECONDS:
                backups += 1
                line = [sys.executable, "-m", "portal", "backup", "--without-key", f"{folder}/{turn}-{backups}.tar"]
                subprocess.run(line, env=portal.environ, cwd=ROOT, check=True, capture_output=True)
            beside += (len(crew.said()) - done) / (time.monotonic() - began)
            made += backups
        ratio = beside / alone
        print(  # noqa: T201
            f"{engine:11} {alone / TURNS:6.1f} rounds/s alone, {beside / TURNS:6.1f} beside {made} whole backups: "
            f"{ratio:.2f}, slowed down by {1 - ratio:.0%}",
            flush=True,
        )


def rate(crew: Crew, seconds: float) -> float:
    """Return the writers' rounds a second over some seconds."""
    before = len(crew.said())
    time.sleep(seconds)
    return (len(crew.said()) - before) / seconds


if __name__ == "__main__":
    for each in sys.argv[1:] or ("sqlite", "postgresql"):
        measure(each)
