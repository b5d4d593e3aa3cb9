"""The virus scan talks to a real clamd; without its judgement a record stays unread."""

import shutil
import socketserver
import subprocess
import threading
from datetime import timedelta

import pytest

from portal.core.records import checking, words
from portal.core.records.cleaning import virus_scan
from portal.core.records.models import Record
from tests.core.records.papers import jpeg
from tests.core.records.test_services import add, upload
from tests.factories import make_visit
from tests.servers import need, wait_for

MARK = b"a-mark-that-our-own-signature-knows"
CONFIG = """Foreground yes
LocalSocket {folder}/clamd.sock
DatabaseDirectory {folder}/db
StreamMaxLength 1M
"""


@pytest.fixture(scope="module")
def scanner(tmp_path_factory):
    """The socket of a clamd with one signature of our own; it needs no download."""
    need("clamd", "the virus scan is not tested")
    folder = tmp_path_factory.mktemp("clamd")
    (folder / "db").mkdir()
    (folder / "db" / "own.ndb").write_text(f"Own.Mark:0:*:{MARK.hex()}\n")
    (folder / "clamd.conf").write_text(CONFIG.format(folder=folder))
    program = shutil.which("clamd") or ""
    server = subprocess.Popen([program, "-c", str(folder / "clamd.conf")], stdout=subprocess.DEVNULL)
    wait_for((folder / "clamd.sock").exists, "clamd")
    yield folder / "clamd.sock"
    server.terminate()
    server.wait(10)


@pytest.fixture
def scanned(scanner):
    virus_scan.install(str(scanner))
    yield scanner
    virus_scan.install("")


@pytest.fixture
def answers(tmp_path):
    """answers(bytes): a scanner that reads a whole file and answers so."""
    servers = []

    def start(answer: bytes) -> None:
        class Scanner(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.rfile.read(len(b"zINSTREAM\0"))
                while size := int.from_bytes(self.rfile.read(4)):
                    self.rfile.read(size)
                self.wfile.write(answer)

        server = socketserver.ThreadingUnixStreamServer(str(tmp_path / "scanner.sock"), Scanner)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        virus_scan.install(server.server_address)

    yield start
    virus_scan.install("")
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def visit(db):
    return make_visit("waiting")


def fresh(row: Record) -> Record:
    return Record.get_by_id(row.id)


def test_a_harmless_file_is_taken(visit, now, queue, scanned):
    (kept,) = add(visit, now)
    queue.drain()
    assert fresh(kept).state == "ready"


def test_an_infected_file_is_refused_and_says_so(visit, now, queue, scanned):
    (kept,) = add(visit, now, upload(jpeg() + MARK, "photo.jpg"))
    queue.drain()
    assert (fresh(kept).state, fresh(kept).refusal) == ("refused", "infected")
    assert words.reasons(fresh(kept)) == ["A virus was found in the file."]


def test_without_the_scanner_a_record_waits_unread_and_says_so(visit, now, clock, queue, scanned, tmp_path):
    virus_scan.install(str(tmp_path / "nobody.sock"))
    (kept,) = add(visit, now)
    for _try in range(5):
        queue.drain()
        clock.tick(60)
        checking.sweep_unchecked(clock.now())
    waiting = fresh(kept)
    assert (waiting.state, waiting.is_readable, waiting.tries) == ("checking", False, 0)
    assert "virus scanner" in words.reasons(waiting)[0]
    virus_scan.install(str(scanned))
    queue.drain()
    assert (fresh(kept).state, fresh(kept).refusal) == ("ready", "")


def test_a_file_that_the_scanner_does_not_judge_waits(visit, now, queue, scanned):
    (kept,) = add(visit, now, upload(jpeg() + bytes(2_000_000), "photo.jpg"))  # over its StreamMaxLength
    queue.drain()
    assert fresh(kept).state == "checking"
    checking.sweep_unchecked(now + timedelta(seconds=1))
    assert queue.waiting == [], "later, not at once"


@pytest.mark.parametrize(
    "answer", [b"stream: Can't allocate memory ERROR\0", b"UNKNOWN COMMAND\0", b"stream: OK, perhaps\0", b"\0", b""]
)
def test_an_answer_that_is_no_judgement_leaves_the_record_unread(visit, now, queue, answers, answer):
    answers(answer)
    (kept,) = add(visit, now)
    queue.drain()
    assert (fresh(kept).state, fresh(kept).is_readable) == ("checking", False)
