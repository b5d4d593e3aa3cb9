"""Misconfigured addresses and proxies, shown by real requests and a real TLS server."""

import http.server
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from portal.base import clock as portal_clock
from portal.checks import addresses
from portal.web.incoming.arrivals import ENOUGH
from tests.checks.looking import clinic, said

PROXY = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "Host": "opd.example.gov.in"}


def arrive(client, headers):
    for _request in range(ENOUGH):
        client.get("/privacy", headers=headers)


@pytest.mark.parametrize(
    ("url", "words"),
    [("https://localhost", "open on this machine alone"), ("http://opd.example.gov.in", "begins with http://")],
)
def test_an_address_that_no_telephone_can_use_is_found(config, url, words):
    assert words in said(addresses.base_url, clinic(config, base_url=url))
    assert said(addresses.base_url, clinic(config)) == ""
    assert said(addresses.base_url, config) == ""


def test_https_without_a_proxy_is_found_before_the_first_request(config):
    assert "a proxy stands in front" in said(addresses.proxies, clinic(config, trusted_proxies=0))
    assert said(addresses.proxies, clinic(config)) == ""


@pytest.mark.parametrize("trusted", [0, 2])
def test_a_number_of_proxies_that_differs_from_what_arrives_is_found(config, client, trusted):
    arrive(client, PROXY)
    wrong = said(addresses.proxies, clinic(config, trusted_proxies=trusted))
    assert f"PORTAL_TRUSTED_PROXIES is {trusted}, but requests bring 1" in wrong
    assert said(addresses.proxies, clinic(config)) == ""


def test_requests_at_another_name_than_the_public_one_are_found(config, client):
    arrive(client, PROXY | {"Host": "portal.example.in"})
    assert "Most requests arrive at portal.example.in" in said(addresses.arriving_host, clinic(config))
    assert said(addresses.arriving_host, clinic(config, base_url="https://portal.example.in")) == ""


def test_a_scheme_that_differs_from_what_arrives_is_found(config, client):
    arrive(client, PROXY)
    assert "Requests arrive by https" in said(
        addresses.arriving_scheme, clinic(config, base_url="http://opd.example.in")
    )
    assert said(addresses.arriving_scheme, clinic(config)) == ""


def test_plain_http_behind_an_https_address_is_found(config, client):
    arrive(client, PROXY | {"X-Forwarded-Proto": "http"})
    assert "most requests arrive by http" in said(addresses.arriving_scheme, clinic(config))


def test_what_arrived_days_ago_says_nothing(config, client, clock):
    arrive(client, PROXY | {"Host": "portal.example.in"})
    clock.tick(2 * 86400)
    assert said(addresses.arriving_host, clinic(config)) == ""


def test_a_port_that_is_open_past_the_proxy_is_noted(config):
    assert "can forge" in said(addresses.listening, clinic(config, host="0.0.0.0"))  # noqa: S104
    assert said(addresses.listening, clinic(config)) == ""


@contextmanager
def tls_server(folder: Path, days: int) -> Iterator[str]:
    """A TLS server whose certificate ends in so many days; yields its address."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=30)).not_valid_after(now + timedelta(days=days))
    path = folder / "both.pem"
    private = serialization.PrivateFormat.PKCS8
    pem = serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(pem, private, serialization.NoEncryption())
        + builder.sign(key, hashes.SHA256()).public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_certificate_that_ends_soon_is_found_and_its_renewal_is_seen(config, tmp_path):
    portal_clock.install(portal_clock.Clock())
    with tls_server(tmp_path, days=5) as url:
        assert "The certificate of localhost ends on" in said(addresses.tls_certificate, clinic(config, base_url=url))
    with tls_server(tmp_path, days=90) as url:
        assert said(addresses.tls_certificate, clinic(config, base_url=url)) == ""
    assert "cannot be reached from here" in said(addresses.tls_certificate, clinic(config, base_url=url))
