"""HTTP client: allowlist, no redirects, timeout and size limit (S41, F19, F22)."""

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

import pytest

from portal.base import outbound
from portal.base.outbound import NoAnswer, Unreachable
from portal.config import ConfigError, load
from portal.store.db import database, is_sqlite, write
from tests.scripted import Step, scripted_server

INSIDE = """
127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 0.0.0.0 100.64.0.1 224.0.0.1 192.0.0.9 255.255.255.255
::1 ::ffff:127.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: 2001::1 fe80::1 fc00::1 ff02::1
""".split()


@pytest.fixture
def server(db):
    with scripted_server() as server:
        outbound.install(frozenset({urlsplit(server.url).netloc}))
        yield server
    outbound.install(frozenset())


@pytest.mark.parametrize("address", INSIDE)
def test_an_internal_address_is_not_public(address):
    assert not outbound.is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "164.100.0.1", "2405:8a00::1"])
def test_an_internet_address_is_public(address):
    assert outbound.is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://0x7f.1/",
        "http://localhost:8000/",
        "http://LOCALHOST./",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest",
        "http://kannel.lan/",
        "file:///etc/passwd",
        "gopher://8.8.8.8/",
        "https://user:pass@sms.example.in/",
        "https:///x",
        "",
        "sms",
        "http://x:99999/",
    ],
)
def test_an_unsafe_url_is_refused_in_settings(url):
    with pytest.raises(ValueError, match=r"address"):
        outbound.check_url(url)


def test_the_operator_can_allowlist_one_host_and_port(server):
    assert outbound.check_url(server.url) == server.url
    with pytest.raises(ValueError, match=r"PORTAL_INTERNAL_HOSTS=127\.0\.0\.1:1\."):
        outbound.check_url("http://127.0.0.1:1/")


def test_a_name_that_resolves_to_an_internal_address_is_refused(server, monkeypatch):
    def flipped(host, port, *args, **options):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(outbound.socket, "getaddrinfo", flipped)
    with pytest.raises(Unreachable):
        outbound.call("GET", f"http://sms.example.in:{urlsplit(server.url).port}/")
    assert server.ledger == []


def test_a_redirect_is_returned_and_not_followed(server):
    server.script.append(Step(302, headers={"Location": "http://169.254.169.254/"}))
    assert outbound.call("GET", server.url).status == 302
    assert len(server.ledger) == 1


def test_the_request_keeps_its_host_name_and_its_query(server):
    outbound.call("POST", server.url + "/send?a=1", params={"b": "न"}, data={"c": "2"})
    asked = server.ledger[0]
    assert (asked.params, asked.form) == ({"a": "1", "b": "न"}, {"c": "2"})
    assert asked.headers["host"] == urlsplit(server.url).netloc


def test_connection_refused_and_timeout_raise_different_errors(server):
    server.script.extend([Step(how="silent"), Step(how="cut")])
    for _ in range(2):
        with pytest.raises(NoAnswer):
            outbound.call("GET", server.url, seconds=0.1)
    closed = server.url.rpartition(":")[0] + ":1"
    outbound.install(frozenset({"127.0.0.1"}))
    with pytest.raises(Unreachable):
        outbound.call("GET", closed)


def test_an_endless_response_is_cut_at_the_size_limit_and_the_timeout(server, monkeypatch):
    monkeypatch.setattr(outbound, "CONNECT_SECONDS", 1)
    server.script.extend([Step(how="endless"), Step(how="drip")])
    answer = outbound.call("GET", server.url)
    assert (len(answer.body), answer.is_whole) == (outbound.MAX_BYTES, False)
    assert not outbound.call("GET", server.url, seconds=1).is_whole


def test_no_pooled_connection_or_transaction_is_held_during_a_call(server, monkeypatch):
    real = outbound._ask
    held = []
    monkeypatch.setattr(outbound, "_ask", lambda *a: held.append(is_sqlite() or database.is_closed()) or real(*a))
    outbound.call("GET", server.url)
    with write(), pytest.raises(RuntimeError):
        outbound.call("GET", server.url)
    assert held == [True]


@pytest.mark.parametrize("text", ["http://10.0.0.1", "a/b", "host:port", "user@host", "10.0.0.1:13013;x"])
def test_an_invalid_allowlist_is_a_config_error(text):
    with pytest.raises(ConfigError, match="PORTAL_INTERNAL_HOSTS"):
        load({"PORTAL_DEMO": "1", "PORTAL_SECRET_KEY": "k" * 32, "PORTAL_INTERNAL_HOSTS": text})


def test_the_allowlist_takes_several_hosts():
    hosts = load({"PORTAL_SECRET_KEY": "k" * 32, "PORTAL_INTERNAL_HOSTS": "127.0.0.1:13013, SMS.lan [::1]:80"})
    assert hosts.internal_hosts == {"127.0.0.1:13013", "sms.lan", "::1:80"}
