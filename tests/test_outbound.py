"""S41: whatever address a setting holds, nobody is led into our own network."""

import ipaddress
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from portal import outbound
from portal.contracts import GatewayError

INSIDE = [
    "0.0.0.1", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.8.8.8", "169.254.169.254", "172.16.0.1", "192.0.0.9",
    "192.168.1.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1",
    "64:ff9b::7f00:1", "2002:7f00:1::", "fe80::1", "fc00::1", "ff02::1", "2001:db8::1",
]  # fmt: skip
REFUSED = [
    "http://fhir.example.in/", "file:///etc/passwd", "gopher://fhir.example.in/", "ftp://fhir.example.in/",
    "//fhir.example.in", "https://", "https://user@fhir.example.in/", "https://user:word@fhir.example.in/",
    "https://127.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://017700000001/", "https://127.1/",
    "https://0.0.0.0/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/",
    "https://localhost/", "https://db.internal/", "https://printer.local/", "https://a.localhost/",
    "https://fhir.example.in\\@127.0.0.1/", "https://fhir.example.in/ x", "https://fhir.example.in:99999/",
    "https://फ़.भारत/", "nonsense",
]  # fmt: skip


@pytest.fixture
def listener():
    """A server on this machine that remembers who asked."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(302 if self.path == "/away" else 200)
            self.send_header("Location", "http://127.0.0.1/inside")
            self.end_headers()
            self.wfile.write(b"x" * (outbound.LARGEST_ANSWER + 1 if self.path == "/large" else 2))

        def log_message(self, *arguments: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server.server_port, seen
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("text", INSIDE)
def test_an_inside_address_is_known_as_one(text):
    assert outbound.is_inside(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", ["8.8.8.8", "164.100.1.1", "2606:4700::1111"])
def test_an_address_of_the_internet_is_not_inside(text):
    assert not outbound.is_inside(ipaddress.ip_address(text))


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_is_refused_when_it_is_saved(url):
    assert outbound.problem_with(url)


def test_a_proper_address_is_taken():
    assert outbound.problem_with("https://fhir.example.in/r4") is None
    assert outbound.problem_with("http://10.0.0.7:8080/fhir", private={"10.0.0.7"}) is None


def test_a_name_that_leads_inside_is_refused_at_the_call(db, monkeypatch):
    """Also when only one of its addresses does."""
    found = [(2, 1, 6, "", ("8.8.8.8", 443)), (2, 1, 6, "", ("127.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **options: found)
    with pytest.raises(GatewayError, match="inside our own network") as refused:
        outbound.call("GET", "https://fhir.example.in/", hosts={"fhir.example.in"})
    assert refused.value.permanent


def test_the_checked_address_is_the_one_that_is_called(db, monkeypatch):
    """A name that changes after the check changes nothing: it is asked once, and the connection goes to its answer."""
    asked, called = [], []
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *_, **__: asked.append(host) or [(2, 1, 6, "", ("8.8.8.8", 443))]
    )

    def remember(self, request: httpx.Request) -> httpx.Response:
        called.append((request.url.host, request.headers["Host"], request.extensions["sni_hostname"]))
        return httpx.Response(200, content=b"ok")

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", remember)
    assert outbound.call("GET", "https://fhir.example.in/x", hosts={"fhir.example.in"}).body == b"ok"
    assert (asked, called) == (["fhir.example.in"], [("8.8.8.8", "fhir.example.in", "fhir.example.in")])


def test_a_host_that_is_not_named_is_not_called(db):
    with pytest.raises(GatewayError, match="not allowed"):
        outbound.call("GET", "https://elsewhere.example.in/", hosts={"fhir.example.in"})


def test_redirects_are_not_followed_and_answers_are_capped(db, listener):
    port, seen = listener
    answer = outbound.call("GET", f"http://127.0.0.1:{port}/away", hosts={"127.0.0.1"})
    assert (answer.status, seen) == (302, ["/away"])
    with pytest.raises(GatewayError, match="too large"):
        outbound.call("GET", f"http://127.0.0.1:{port}/large", hosts={"127.0.0.1"})


def test_nobody_there_can_be_tried_again(db):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(GatewayError, match="no answer") as failed:
            outbound.call("GET", f"http://127.0.0.1:{taken.getsockname()[1]}/", hosts={"127.0.0.1"})
    assert not failed.value.permanent
