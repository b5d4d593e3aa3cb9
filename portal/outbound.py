"""Calls to the outside: to named hosts only, never into our own network, each answer capped in time and size (S41).

The address is resolved once, checked and then used as it is, so that a name cannot point elsewhere after the check.
"""

import ipaddress
import socket
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from flask import current_app

from portal.contracts import GatewayError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# `is_global` says yes to most of these (measured on Python 3.11): an own list, with all that wraps another address.
_INSIDE = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/3", "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
        "2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
LARGEST_ANSWER = 2 * 1024 * 1024
SECONDS = 15.0


@dataclass(frozen=True)
class Answer:
    """What came back, read to its end."""

    status: int
    headers: httpx.Headers
    body: bytes


def is_inside(address: Address) -> bool:
    """Is this an address that the internet does not lead to, or one that may wrap such an address?"""
    return any(address in network for network in _INSIDE)


def private_hosts() -> frozenset[str]:
    """Hosts of our own network that the operator names in PORTAL_PRIVATE_HOSTS; a demonstration may call itself."""
    config = current_app.config["PORTAL"]
    named = {host.strip().lower() for host in config.environ.get("PORTAL_PRIVATE_HOSTS", "").split(",") if host.strip()}
    return frozenset(named | ({"127.0.0.1", "localhost", "::1"} if config.demo else set()))


def problem_with(url: str, *, private: Collection[str] = ()) -> str | None:
    """Why this address may not be called, as an English sentence, or None. Names are looked up later, at the call."""
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return "This is not an address."
    if not host or parts.username is not None or parts.fragment or "\\" in url or not url.isascii() or " " in url:
        return "This is not an address such as https://example.gov.in/fhir."
    if parts.scheme != "https" and not (parts.scheme == "http" and host in private):
        return "The address must begin with https://."
    if host not in private and _points_inside(host):
        return "This address lies inside our own network."
    return None


def _points_inside(host: str) -> bool:
    """Decides for literal addresses in whatever form the resolver understands: 2130706433 and 0x7f.1 are 127.0.0.1."""
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        literal: Address = ipaddress.ip_address(host)
    except ValueError:
        try:
            literal = ipaddress.ip_address(socket.inet_aton(host))
        except OSError:
            return False
    return is_inside(literal)


def call(method: str, url: str, *, hosts: Collection[str], seconds: float = SECONDS, **options: Any) -> Answer:
    """Call a named host and read the answer, redirects not followed.

    Raises GatewayError: permanent when the address is refused, otherwise when nobody answers in time and size.
    """
    request_url = httpx.URL(url)
    if request_url.host not in hosts:
        raise GatewayError("this host is not allowed", permanent=True)
    try:
        with (
            httpx.Client(transport=_Pinned(private_hosts()), timeout=seconds, trust_env=False) as client,
            client.stream(method, request_url, **options) as response,
        ):
            return Answer(response.status_code, response.headers, _read(response))
    except httpx.HTTPError as error:
        raise GatewayError(f"no answer: {type(error).__name__}") from error


def _read(response: httpx.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes(64 * 1024):
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise GatewayError("the answer is too large")
    return bytes(body)


class _Pinned(httpx.BaseTransport):
    """Connects to the very address that was checked; the name stays in the Host header and in the certificate check."""

    def __init__(self, private: Collection[str]) -> None:
        self._private = private
        self._inner = httpx.HTTPTransport(trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Resolve, check, connect."""
        host = request.url.host
        if problem := problem_with(str(request.url), private=self._private):
            raise GatewayError(problem, permanent=True)
        address = _resolve(host, request.url.port or 443, inside=host in self._private)
        request.extensions = {**request.extensions, "sni_hostname": host}
        request.url = request.url.copy_with(host=address)
        return self._inner.handle_request(request)

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()


def _resolve(host: str, port: int, *, inside: bool) -> str:
    """The first address of a host; not one of its addresses may lie inside. Raises GatewayError."""
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise GatewayError("the host is not known") from error
    addresses = sorted((ipaddress.ip_address(text.partition("%")[0]) for text in found), key=lambda one: one.version)
    if not inside and any(is_inside(address) for address in addresses):
        raise GatewayError("the host lies inside our own network", permanent=True)
    return str(addresses[0])
