"""HTTP client for other people's servers: SSRF-safe, no redirects, with a timeout and a size limit (S41).

Only the operator can allow internal addresses (loopback, private networks), in PORTAL_INTERNAL_HOSTS; settings of an
administrator never reach them. The name is resolved once, checked, and that address is pinned for the connection, so
that a name cannot point elsewhere after the check (DNS rebinding).
"""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from ssl import SSLContext
from typing import Any

import httpx

from portal.base.language import gettext as _

CONNECT_SECONDS = 5.0
MAX_BYTES = 64 * 1024
CHUNK = 4096
Address = IPv4Address | IPv6Address

# Python's own is_private and is_global let some of these through, differently in each version.
_CLOSED = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
)
_OPEN_IPV6 = ip_network("2000::/3")
_INSIDE_NAMES = ("localhost", ".localhost", ".local", ".internal", ".lan", ".home.arpa")

_allowed: frozenset[str] = frozenset()
_release_functions: list[Callable[[], None]] = []
_through: list["Through"] = []


class Unreachable(Exception):
    """Nothing was sent: no connection, or not allowed. Safe to retry."""


class NoAnswer(Exception):
    """The request was sent and no whole response came: it may have taken effect, so a blind retry may do it twice."""


@dataclass(frozen=True)
class Answer:
    """An HTTP response. `is_whole` is False when the body was cut at the size limit or the timeout."""

    status: int
    body: bytes
    is_whole: bool = True

    @property
    def is_success(self) -> bool:
        """Any 2xx status: which of them a server chooses means nothing to us."""
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The body decoded as UTF-8; invalid bytes become replacement characters."""
        return self.body.decode("utf-8", errors="replace")


Send = Callable[[], Answer]
Through = Callable[[str, str, Send], Answer]  # of method, host, and what sends


def release_before_call(function: Callable[[], None]) -> Callable[[], None]:
    """Register what releases a resource (a pooled connection) that nobody may hold while waiting for another server."""
    _release_functions.append(function)
    return function


def release_held() -> None:
    """Release what nobody may hold while waiting for another server."""
    for function in _release_functions:
        function()


def call_through(function: "Through") -> None:
    """Set what each call goes through, such as a span of a trace, in the place of what was set before."""
    _through[:] = [function]


def install(internal_hosts: frozenset[str]) -> None:
    """Set the allowlist of internal hosts: `host` or `host:port`."""
    global _allowed
    _allowed = internal_hosts


def internal_hosts() -> frozenset[str]:
    """Return the allowlist, to hand it on to a child process."""
    return _allowed


def check_url(text: str) -> str:
    """Validate a URL for settings. Raises ValueError with a sentence; names are resolved only when called."""
    try:
        url = httpx.URL(text)
        host, port = url.host, _port(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise ValueError(_("This is not an address that begins with https:// or http://.")) from error
    if url.scheme not in {"http", "https"} or not host or not 0 < port < 65536:
        raise ValueError(_("This is not an address that begins with https:// or http://."))
    if url.userinfo:
        raise ValueError(_("Give user name and password in their own fields, not in the address."))
    if not _is_allowed(host, port) and _is_inside(host):
        inside = _(
            "This address is inside the network. The operator can allow it with PORTAL_INTERNAL_HOSTS=%(host)s.",
            host=f"{host}:{port}",
        )
        raise ValueError(inside)
    return text


def call(method: str, url: str, *, seconds: float = 10, max_bytes: int = MAX_BYTES, **request: Any) -> Answer:
    """Send one request, without a retry. Raises Unreachable (nothing was sent) or NoAnswer (outcome unknown).

    `request` is what httpx takes: params, headers, data, json, auth. No database connection is held meanwhile.
    """
    release_held()
    target = httpx.URL(url).copy_merge_params(request.pop("params", {}))
    send = partial(_call, method, target, seconds, max_bytes, request)
    for through in _through:
        return through(method, target.host, send)
    return send()


def _call(method: str, target: httpx.URL, seconds: float, max_bytes: int, request: Mapping[str, Any]) -> Answer:
    failure: Exception = Unreachable("no address")
    for address in _addresses(target):
        try:
            return _ask(method, target, address, seconds, max_bytes, request)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            failure = error
    raise Unreachable("no connection") from failure


def is_public(address: Address) -> bool:
    """Is this a public internet address?"""
    if isinstance(address, IPv6Address) and address not in _OPEN_IPV6:
        return False
    return not any(address.version == network.version and address in network for network in _CLOSED)


def _ask(
    method: str, target: httpx.URL, address: Address, seconds: float, max_bytes: int, request: Mapping[str, Any]
) -> Answer:
    """Try one pinned address: the name stays in the Host header and in the certificate check."""
    line = _Line()
    options = dict(request)
    headers = {"Accept-Encoding": "identity", **options.pop("headers", {}), "Host": target.netloc.decode()}
    extensions = {"sni_hostname": target.host, "trace": line.notice}
    timeout = httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
    pinned = target.copy_with(host=str(address))
    alarm = threading.Timer(seconds + CONNECT_SECONDS, line.cut)
    alarm.daemon = True
    alarm.start()
    try:
        with (
            httpx.Client(trust_env=False, follow_redirects=False, timeout=timeout, verify=_tls()) as client,
            client.stream(method, pinned, headers=headers, extensions=extensions, **options) as response,
        ):
            answer = _read(response, max_bytes, line)
            return replace(answer, is_whole=answer.is_whole and not line.was_cut)
    except (httpx.ConnectError, httpx.ConnectTimeout):
        raise
    except (httpx.TransportError, OSError) as error:
        raise NoAnswer(type(error).__name__) from error
    finally:
        alarm.cancel()


def _read(response: httpx.Response, max_bytes: int, line: "_Line") -> Answer:
    """Read up to `max_bytes`; keep what arrived before the timeout, also where the peer then resets the connection."""
    body = b""
    try:
        for chunk in response.iter_raw(CHUNK):
            body += chunk
            if len(body) > max_bytes:
                return Answer(response.status_code, body[:max_bytes], is_whole=False)
    except httpx.ReadError:
        if not line.was_cut:
            raise
    return Answer(response.status_code, body)


class _Line:
    """The open connection: shut down at the timeout, however slowly the peer sends (slow loris)."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self.was_cut = False

    def notice(self, event: str, info: Mapping[str, Any]) -> None:
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            self._socket = info["return_value"].get_extra_info("socket")

    def cut(self) -> None:
        self.was_cut = True
        if self._socket is not None:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                return


def _addresses(url: httpx.URL) -> Iterator[Address]:
    """Resolve a host and yield the addresses that may be called, each once. Raises Unreachable when none may."""
    host, port = url.host, _port(url)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unreachable("the name is not known") from error
    addresses = dict.fromkeys(ip_address(str(entry[4][0])) for entry in found)
    open_to_us = [address for address in addresses if _is_allowed(host, port) or is_public(address)]
    if not open_to_us:
        raise Unreachable("the address is inside the network and not allowed")
    yield from open_to_us


def _is_inside(host: str) -> bool:
    """Is it a local name, or a non-public address in any notation the system's resolver takes?"""
    if host.rstrip(".").endswith(_INSIDE_NAMES):
        return True
    try:
        found = socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except OSError:
        return False
    return not all(is_public(ip_address(str(entry[4][0]))) for entry in found)


def _is_allowed(host: str, port: int) -> bool:
    return host in _allowed or f"{host}:{port}" in _allowed


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


@lru_cache(maxsize=1)
def _tls() -> SSLContext:
    """Cached: loading the certificates takes longer than a request."""
    return httpx.create_ssl_context()
