"""An identity service as a process of its own: verifies numbers against its register, by a code, and keeps a ledger.

`python service.py LEDGER` prints its address. Numbers: 91123456789012 is Asha's, 91123456789099 hangs.
"""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

KNOWN = {"91123456789012": "1985-05-05"}
CODE = "424242"
LEDGER = Path(sys.argv[1])


class Service(BaseHTTPRequestHandler):
    """Answers claims; each one stands in the ledger, a line of JSON."""

    def do_POST(self) -> None:
        claim = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with LEDGER.open("a") as ledger:
            ledger.write(json.dumps(claim) + "\n")
        if claim["number"] == "91123456789099":
            time.sleep(3)
        content = json.dumps(answer(claim)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_words: object) -> None:
        return


def answer(claim: dict[str, str]) -> dict[str, str]:
    if KNOWN.get(claim["number"]) != claim["birth_date"]:
        return {"state": "refused", "text": "This number has another date of birth. Look at the card again."}
    if not claim["code"]:
        return {"state": "asks", "text": "A code was sent to the mobile of your ABHA.", "reference": "t-1"}
    if (claim["code"], claim["reference"]) != (CODE, "t-1"):
        return {"state": "refused", "text": "The code is wrong."}
    return {"state": "verified", "number": claim["number"], "verified_by": "Identity service"}


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
