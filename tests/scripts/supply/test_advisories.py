"""What a source of advisories says of the lock; without an answer nothing is known, and that is said."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from scripts.supply.advisories import Outcome, audit
from tests.servers import free_port

LOCK = f"""flask==3.1.3 \\
    --hash=sha256:{"a" * 64}
jinja2==3.1.2 ; python_version >= "3.11" \\
    --hash=sha256:{"b" * 64}
"""
ADVISORY = {
    "id": "GHSA-h5c8-rqwp-cp95",
    "summary": "Attributes whose names hold a blank",
    "affected": [
        {
            "package": {"name": "jinja2", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.1.3"}]}],
        }
    ],
}


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    (tmp_path / "lock.txt").write_text(LOCK)
    return tmp_path / "lock.txt"


class Source(ThreadingHTTPServer):
    """OSV's query on this machine: knows of what it was told, and keeps what it was asked."""

    def __init__(self) -> None:
        self.known: dict[str, dict] = {}
        self.broken = False
        self.asked: list[tuple[str, str]] = []
        super().__init__(("127.0.0.1", 0), Answer)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/query"


class Answer(BaseHTTPRequestHandler):
    server: Source

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = query["package"]["name"]
        self.server.asked.append((name, query["version"]))
        known = self.server.known.get(name)
        self.send_response(503 if self.server.broken else 200)
        self.end_headers()
        self.wfile.write(json.dumps({"vulns": [known]} if known else {}).encode())

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def source() -> Iterator[Source]:
    with Source() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_every_library_of_the_lock_is_asked_about_in_its_version(lock: Path, source: Source) -> None:
    assert audit(lock, source.address) == (Outcome.CLEAN, ["Advisories: none for 2 libraries."])
    assert sorted(source.asked) == [("flask", "3.1.3"), ("jinja2", "3.1.2")]


def test_an_advisory_is_told_with_the_version_that_mends_it(lock: Path, source: Source) -> None:
    source.known["jinja2"] = ADVISORY
    assert audit(lock, source.address) == (Outcome.FOUND, ["jinja2 3.1.2: GHSA-h5c8-rqwp-cp95, mended in 3.1.3"])


def test_a_source_that_cannot_be_reached_or_fails_is_no_clean_answer(lock: Path, source: Source) -> None:
    source.broken = True
    for address in (source.address, f"http://127.0.0.1:{free_port()}/v1/query"):
        known = audit(lock, address)
        assert known.outcome is Outcome.NOT_AUDITED
        assert known.lines[0].startswith(f"not audited: {address} gave no answer")
