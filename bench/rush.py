"""`make bench-rush`: nine o'clock (safety.md F44). Thousands ask for a token in a minute while everybody's page polls.

Requests arrive spread over the minute, whether or not earlier ones are answered; who is told 429 or 503 comes again
after the time the answer names, with the same form. In the end every promise is looked up in the database. PATIENTS,
REQUESTS and SECONDS change it.
"""

import asyncio
import os
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import monotonic
from urllib.parse import urlencode

from itsdangerous import URLSafeTimedSerializer

from bench.clinic import Page, make_clinic, make_cookie, make_people
from bench.live import environment
from bench.server import Server, running
from bench.watchers import SPREAD, Tally, parsed, watch

SESSIONS = 20
PATIENTS = int(os.environ.get("PATIENTS", "10000"))
REQUESTS = int(os.environ.get("REQUESTS", "5000"))
SECONDS = int(os.environ.get("SECONDS", "60"))
BORN = date(1950, 1, 1)  # old enough to need no referral, too young to go before others
CSRF = "a secret of the benchmark's own sessions"
BUSY = (429, 503)
FAULT, SLOWEST = 500, 1.0  # a status, seconds
TRIES = 8


@dataclass(frozen=True)
class TokenRequest:
    """A filled-in form."""

    cookie: str
    body: bytes


@dataclass
class Rush:
    """Counters of all requests."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    promised: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)


def main() -> None:
    """Measure and print the table; exit code 1 for a lost token, one out of line, a 500, or a p99 of 1 s (F44)."""
    with tempfile.TemporaryDirectory() as folder:
        environ, port = environment(Path(folder))
        pages, wishes = _clinic(environ)
        with running(environ, port) as server:
            rush, tally, spent = asyncio.run(_morning(server, pages, wishes))
        kept, gaps = _looked_up(rush)
    slow, polls = quantiles(rush.seconds, n=100), quantiles(tally.seconds, n=100)
    lines = [
        f"{len(wishes):,} ask for a token within {SECONDS} s, {len(pages):,} pages poll:",
        f"  answers                {dict(rush.statuses)}, failed connections {len(rush.failures)}",
        f"  answer                 {median(rush.seconds) * 1000:9.0f} ms median, {slow[98] * 1000:.0f} ms p99",
        f"  promised and kept      {kept:9,} of {len(rush.promised):,}, numbers out of line {gaps}",
        f"  polls                  {len(tally.seconds) / SECONDS:9,.0f} a second, {polls[98] * 1000:.0f} ms p99",
        f"  answers to polls       {tally.statuses}, failed connections {len(tally.failures)}",
        f"  CPU of web processes   {spent / SECONDS:9.1%} of one core",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    is_lost = kept != len(rush.promised) or gaps > 0
    is_broken = any(status >= FAULT and status not in BUSY for status in rush.statuses)
    sys.exit(int(is_lost or is_broken or slow[98] >= SLOWEST))


def _clinic(environ: dict[str, str]) -> tuple[list[Page], list[TokenRequest]]:
    from portal.app import create_app
    from portal.base.clock import now
    from portal.config import load
    from portal.core.clinic.models import Centre, ClinicSession
    from portal.store.db import database, write

    app, moment = create_app(load(environ)), now()
    pages, _ = make_clinic(app, SESSIONS, PATIENTS // SESSIONS, 4, moment)
    with app.app_context(), write():
        ClinicSession.update(quota=PATIENTS + REQUESTS).execute()
        people, signed_in = make_people(PATIENTS, REQUESTS, BORN, Centre.select().first(), moment)
    token = URLSafeTimedSerializer(app.secret_key or b"", salt="wtf-csrf-token").dumps(CSRF)
    wishes = [
        TokenRequest(make_cookie(app, who, csrf_token=CSRF), _form(person.uid, number, token))
        for number, (person, who) in enumerate(zip(people, signed_in, strict=True))
    ]
    database.close()
    return pages, wishes


def _form(beneficiary: str, number: int, token: str) -> bytes:
    fields = {
        "beneficiary": beneficiary,
        "specialty": f"bench{number % SESSIONS}",
        "complaint": "cough since Monday",
        "consent": "yes",
        "csrf_token": token,
        "idempotency_key": f"rush-{number}",
    }
    return urlencode(fields).encode()


async def _morning(server: Server, pages: list[Page], wishes: list[TokenRequest]) -> tuple[Rush, Tally, float]:
    """Open all pages; after a first poll of each, start the rush."""
    rush, tally = Rush(), Tally()
    starts = monotonic() + SPREAD + 4
    everybody = asyncio.create_task(watch(server.host, server.port, pages, starts + SECONDS, starts, tally))
    await asyncio.sleep(starts - monotonic())
    before, lot = server.cpu_seconds(), Random(2)
    await asyncio.gather(*(_ask(server, wish, lot.random() * SECONDS, rush) for wish in wishes))
    spent = server.cpu_seconds() - before
    await everybody
    return rush, tally, spent


async def _ask(server: Server, wish: TokenRequest, wait: float, rush: Rush) -> None:
    """One person: requests a token at a random moment of the minute, and retries after Retry-After."""
    await asyncio.sleep(wait)
    for _ in range(TRIES):
        began = monotonic()
        try:
            status, headers = await _posted(server, wish)
        except (OSError, asyncio.IncompleteReadError) as error:
            rush.failures.append(repr(error))
            return
        rush.seconds.append(monotonic() - began)
        rush.statuses[status] += 1
        if status == 303:
            rush.promised.add(headers[b"location"].decode().rpartition("/")[2])
        if status not in BUSY:
            return
        await asyncio.sleep(int(headers[b"retry-after"]))


async def _posted(server: Server, wish: TokenRequest) -> tuple[int, dict[bytes, bytes]]:
    reader, writer = await asyncio.open_connection(server.host, server.port)
    head = (
        f"POST /tokens/new HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {wish.cookie}\r\nConnection: close\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(wish.body)}\r\n\r\n"
    )
    try:
        writer.write(head.encode() + wish.body)
        return parsed(await reader.readuntil(b"\r\n\r\n"))
    finally:
        writer.close()


def _looked_up(rush: Rush) -> tuple[int, int]:
    """Check the database: stored tokens, and sessions with gaps or duplicate numbers."""
    from portal.core.clinic.models import ClinicSession
    from portal.core.visits.models import Visit
    from portal.store.db import database

    with database.connection_context():
        kept = sum(Visit.get_or_none(Visit.uid == uid) is not None for uid in rush.promised)
        gaps = 0
        for session in ClinicSession.select():
            numbers = [row.number for row in Visit.select(Visit.number).where(Visit.session == session)]
            gaps += sorted(numbers) != list(range(1, session.last_number + 1))
    return kept, gaps


if __name__ == "__main__":
    main()
