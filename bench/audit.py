"""`make bench-audit`: audited transactions a second on PostgreSQL with fsync, beside a bare UPDATE in the same run.

PROCESSES call a service for different people (an officer notes that an answer was read: one UPDATE and its audit row),
each in a transaction of its own. The same with one chain for all is what the log cost before it had several. The three
run in turns, so that the machine's mood falls on each. SECONDS of each turn, and TURNS, change it.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from portal.app import create_app
from portal.base import clock
from portal.core.referrals import services
from portal.core.referrals.models import Referral
from portal.store.db import close_database, database
from portal.work import audit_chain, audit_published, audit_shards
from portal.work.audit import Actor
from tests.factories import make_entry, make_referral
from tests.postgres import running_postgres
from tests.servers import ROOT, unseeded_portal

PROCESSES = int(os.environ.get("PROCESSES", "8"))
SECONDS, TURNS = float(os.environ.get("SECONDS", "5")), int(os.environ.get("TURNS", "3"))
BARE = "UPDATE referral SET answer_noted_at = now() WHERE id = %s"
FREE, WAITED_FOR = audit_shards._free, audit_shards._waited_for  # noqa: SLF001
KINDS = {
    "bare": "a bare UPDATE, committed",
    "one": "the audited service, one chain for all",
    "shards": "the audited service, as it is",
}


def main() -> None:
    """Measure and print the table. Raises SystemExit when the log does not verify afterwards."""
    with tempfile.TemporaryDirectory() as folder, running_postgres(is_durable=True) as url:
        portal = unseeded_portal(Path(folder) / "var", PORTAL_BIND="127.0.0.1:8000", PORTAL_DATABASE_URL=url)
        portal.command("migrate")
        os.environ.update(portal.environ)
        with create_app().app_context():
            for _ in range(PROCESSES):
                make_referral(make_entry())
            close_database()
        done = dict.fromkeys(KINDS, 0)
        crew = Crew(portal.environ)
        for _ in range(TURNS):
            for kind in KINDS:
                crew.turn("warm")
                done[kind] += crew.turn(kind)
        crew.end()
        _print(done)
        with create_app().app_context():
            breaks, used = list(audit_chain.verify()), audit_published.head().counts
            close_database()
    print(f"Chains used: {len(used)}. Breaks found afterwards: {len(breaks)}.")  # noqa: T201
    if breaks:
        raise SystemExit(breaks[0])


def _print(done: dict[str, int]) -> None:
    load = os.getloadavg()[0]
    print(f"{PROCESSES} processes, {os.cpu_count()} cores, load {load:.1f} in the last minute")  # noqa: T201
    for kind, words in KINDS.items():
        print(f"{words:42} {done[kind] / SECONDS / TURNS:8,.0f}/s   {done[kind] / done['bare']:.2f}")  # noqa: T201


class Crew:
    """The processes that write."""

    def __init__(self, environ: dict[str, str]) -> None:
        self._children = [
            subprocess.Popen(
                [sys.executable, "-m", "bench.audit", str(number)],
                env=environ,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            for number in range(PROCESSES)
        ]

    def turn(self, kind: str) -> int:
        """Let all write for a while at once; return what they committed in all."""
        for child in self._children:
            child.stdin.write(f"{kind}\n".encode())  # type: ignore[union-attr]
            child.stdin.flush()  # type: ignore[union-attr]
        return sum(int(child.stdout.readline()) for child in self._children)  # type: ignore[union-attr]

    def end(self) -> None:
        """Let them end."""
        for child in self._children:
            child.communicate(timeout=30)


def _write(number: int) -> None:
    """Be one of the processes: for each kind that is read, commit for SECONDS, and say how often."""
    with create_app().app_context():
        referral = Referral.select().order_by(Referral.id)[number]
        for kind in sys.stdin:
            deed = _deed(kind.strip(), referral)
            deed()
            seconds = SECONDS if kind.strip() in KINDS else 0
            end, done = monotonic() + seconds, 0
            while monotonic() < end:
                deed()
                done += 1
            print(done, flush=True)  # noqa: T201
        close_database()


def _deed(kind: str, referral: Referral) -> Callable[[], object]:
    if kind == "bare":
        return lambda: database.execute_sql(BARE, (referral.id,))
    audit_shards._free = _Never() if kind == "one" else FREE  # type: ignore[assignment]  # noqa: SLF001
    audit_shards._waited_for = _TheFirst() if kind == "one" else WAITED_FOR  # type: ignore[assignment]  # noqa: SLF001
    return lambda: services.note_answer(referral, by=Actor("staff", referral.uid), now=clock.now())


class _Never:
    """Stands for the query of a free chain: there is none."""

    def first(self) -> None:
        """Find none."""


class _TheFirst:
    """Stands for the query that waits for a chain: everybody waits for the first."""

    def first(self, _shard: int) -> object:
        """Wait for it."""
        return WAITED_FOR.first(0)


if __name__ == "__main__":
    _write(int(sys.argv[1])) if len(sys.argv) > 1 else main()
