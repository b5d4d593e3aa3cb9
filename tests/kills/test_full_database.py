"""A full disk under PostgreSQL: what writes is refused with 503, the rest goes on, and nothing is half there (F13)."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.day.reader import Person
from tests.postgres import PostgresServer
from tests.servers import Portal, running_portal, unavailable, wait_for

SIZE = "size=320m"
MB = 1024 * 1024
TRIES = 400  # sign-ins, until the pages that the tables had left are used up
HALF = """
SELECT count(*) FROM event WHERE name = 'OtpRequested' AND subject NOT IN (SELECT uid FROM otp_challenge)
"""


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own for the database."""
    folder = Path(tempfile.mkdtemp(prefix="small-"))
    line = ["mount", "-t", "tmpfs", "-o", f"{SIZE},mode=755", "tmpfs", str(folder)]
    if subprocess.run(line, check=False, capture_output=True).returncode:
        unavailable("mounting needs root, so no disk under PostgreSQL is filled")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
    folder.rmdir()


@pytest.fixture
def place(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Portal, str]]:
    monkeypatch.setattr(tempfile, "tempdir", str(small))
    server = PostgresServer()
    monkeypatch.undo()
    server.start()
    try:
        with running_portal(tmp_path / "var", PORTAL_DATABASE_URL=server.url) as portal:
            yield portal, server.url
    finally:
        server.stop()


def fill(small: Path) -> Callable[[], None]:
    """Take every byte that is left; return what frees them again."""
    filler = small / "filler"
    with filler.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(MB))
    with filler.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(512))
    return filler.unlink


def ask(portal: Portal, mobile: int) -> int:
    """Ask for an OTP, which writes; return the status."""
    with Person(portal.url) as browser:
        return browser.open("/login").press("Send OTP", {"mobile": str(mobile)}, follow=False).status


def test_a_full_disk_under_the_database_refuses_writing_and_loses_nothing(place, small: Path) -> None:
    portal, url = place
    numbers = count(9100000000)
    assert ask(portal, next(numbers)) == 303
    free = fill(small)
    try:
        said = [ask(portal, next(numbers)) for _ in range(3)]
        while said[-1] != 503 and len(said) < TRIES:
            said.append(ask(portal, next(numbers)))
        assert set(said) <= {303, 503}
        assert said[-1] == 503, "no statement failed"
        assert httpx.get(f"{portal.url}/healthz").status_code == 200
        assert httpx.get(f"{portal.url}/help").status_code in {200, 503}
    finally:
        free()
    wait_for(portal.is_ready, "the portal to be ready again")
    assert ask(portal, next(numbers)) == 303
    with closing(psycopg.connect(url)) as database:
        asked = said.count(303) + 2
        assert database.execute("SELECT count(*) FROM otp_challenge").fetchone() == (asked,)
        assert database.execute(HALF).fetchone() == (0,)
    assert portal.command("audit", "verify").returncode == 0
