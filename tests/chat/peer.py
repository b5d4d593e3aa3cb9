"""A messenger's server as a process of its own: checks each request, keeps a ledger, signs its delivery reports.

`python -m tests.chat.peer LEDGER` prints its address. Numbers that end in 0 are refused, in 9 met with silence.
"""

import hashlib
import hmac
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SECRET = b"a secret of the messenger and the portal"


@contextmanager
def running_peer(ledger: Path) -> Iterator[str]:
    """Run it for the block; yields its address."""
    words = [sys.executable, "-m", "tests.chat.peer", str(ledger)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def signed_report(told: dict[str, str], secret: bytes) -> tuple[bytes, str]:
    """Return the body and the signature of a delivery report."""
    body = json.dumps(told).encode()
    return body, hmac.new(secret, body, hashlib.sha256).hexdigest()


class Peer(BaseHTTPRequestHandler):
    """Takes messages; each stands in the ledger, a line of JSON."""

    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with Path(sys.argv[1]).open("a") as ledger:
            ledger.write(json.dumps(told) + "\n")
        if told["to"].endswith("9"):
            time.sleep(3)
        content = json.dumps({"id": f"wa-{told['uid'][:6]}"}).encode()
        self.send_response(400 if told["to"].endswith("0") else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_words: object) -> None:
        return


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
