"""Time stamps of an authority: OpenSSL's, asked over HTTP; without one the signature is made all the same."""

import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter

from portal.core.signing import places, signatures
from portal.core.signing.signatures import Outgoing, Signed
from tests.core.paper.samples import render, sample
from tests.servers import need
from tests.signing import made, signatures_of, status_of

NOW = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
SETTINGS = """
[ tsa ]
default_tsa = own
[ own ]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
default_policy = 1.2.3.4.1
digests = sha256
signer_digest = sha256
ess_cert_id_chain = no
tsa_name = no
"""
Respond = Callable[[bytes], bytes]


@pytest.fixture
def authority(tmp_path: Path) -> Respond:
    """An authority with a certificate of its own: answers a request."""
    need("openssl", "no time stamp is made")
    (tmp_path / "tsa.conf").write_text(SETTINGS.format(folder=tmp_path))
    (tmp_path / "serial").write_text("01")
    line = "openssl req -x509 -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.pem -days 3650 -subj /CN=TSA"
    extension = ["-addext", "extendedKeyUsage=critical,timeStamping"]
    subprocess.run([*line.split(), *extension], cwd=tmp_path, check=True, capture_output=True)

    def respond(request: bytes) -> bytes:
        (tmp_path / "request").write_bytes(request)
        line = "openssl ts -reply -config tsa.conf -queryfile request -out reply"
        subprocess.run(line.split(), cwd=tmp_path, check=True, capture_output=True)
        return (tmp_path / "reply").read_bytes()

    return respond


@pytest.fixture
def serve() -> Iterator[Callable[[Respond], str]]:
    """serve(respond): an HTTP server of an authority, on this machine; returns its host with the port."""
    servers = []

    def start(respond: Respond) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = respond(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200 if content else 503)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                return

        servers.append(HTTPServer(("127.0.0.1", 0), Handler))
        Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"127.0.0.1:{servers[-1].server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def signed(host: str, *, internal: str | None = None) -> Signed:
    hosts = frozenset({host if internal is None else internal})
    told = Outgoing("Issued: RX-1", f"http://{host}/tsa", hosts)
    return signatures.sign(render(sample(1)), [places.of_demo(made()).organisation], told, now=NOW)


def stamp_of(signature: Any) -> Any:
    """Return the time stamp that a signature carries; None when it has none."""
    return next(extract_tst_data_iter(signature.signer_info, signed=False), None)


def test_a_signature_carries_the_authoritys_time(serve, authority: Respond, tmp_path: Path) -> None:
    made_by = signed(serve(authority))
    assert made_by.problems == {}
    (found,) = signatures_of(made_by.content)
    assert stamp_of(found) is not None
    status = status_of(made_by.content, at=NOW, timestamps=tmp_path / "tsa.pem")
    assert status.timestamp_validity is not None
    assert (status.timestamp_validity.valid, status.timestamp_validity.trusted) == (True, True)


@pytest.mark.parametrize(
    ("respond", "said"),
    [
        (lambda _request: b"", "the time stamp authority answers 503"),
        (lambda _request: b"no stamp", "answers something else than a time stamp"),
        (lambda _request: b"\x30\x06\x30\x04\x02\x01\x02\x0c\x00", "answers something else|refuses"),
    ],
)
def test_an_authority_that_fails_costs_the_time_alone(serve, respond: Respond, said: str) -> None:
    made_by = signed(serve(respond))
    assert list(made_by.problems) == ["timestamp"]
    assert re.search(said, made_by.problems["timestamp"])
    (found,) = signatures_of(made_by.content)
    assert stamp_of(found) is None
    assert status_of(made_by.content, at=NOW).bottom_line


def test_an_old_answer_to_another_request_is_refused(serve, authority: Respond) -> None:
    first: list[bytes] = []

    def replay(request: bytes) -> bytes:
        first.append(authority(request))
        return first[0]

    host = serve(replay)
    assert signed(host).problems == {}
    assert "timestamp" in signed(host).problems


def test_an_address_inside_the_network_is_not_asked(serve, authority: Respond) -> None:
    made_by = signed(serve(authority), internal="elsewhere:1")
    assert "the time stamp authority does not answer" in made_by.problems["timestamp"]
