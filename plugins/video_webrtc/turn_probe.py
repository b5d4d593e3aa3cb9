"""Probe of a TURN server, as a browser uses it: it must refuse whoever has no password, and accept ours (RFC 8656)."""

import hashlib
import hmac
import re
import secrets
import socket
import ssl
import struct
from collections.abc import Iterable
from datetime import datetime

from portal.api.base import gettext as _
from portal.api.clock import monotonic

from .settings import LIFE, Settings, credentials

TIMEOUT = 6.0
WAITS = (0.5, 1.0, 1.5, 3.0)  # timeouts of the retries of a lost datagram (RFC 8489 §6.2.1)
COOKIE = 0x2112A442
ALLOCATE, REFRESH = 0x0003, 0x0004
GRANTED = 0x0100
USERNAME, INTEGRITY, REALM, NONCE, LIFETIME, TRANSPORT = 0x0006, 0x0008, 0x0014, 0x0015, 0x000D, 0x0019
UDP = (TRANSPORT, struct.pack("!I", 17 << 24))
Attribute = tuple[int, bytes]
ADDRESS = re.compile(r"(turns?):(\[[^\]]+\]|[^:?]+)(?::(\d+))?(?:\?transport=(udp|tcp))?")


def troubles(settings: Settings, now: datetime) -> list[str]:
    """Return a sentence for each TURN server that is open to anybody, refuses our password, or does not respond."""
    secret = settings.turn_secret.get_secret_value()
    return [sentence for url in settings.turn_urls if (sentence := _trouble(url, secret, now))]


def _trouble(url: str, secret: str, now: datetime) -> str:
    try:
        with _connected(url) as line:
            is_open, told = _ask(line, ALLOCATE, [UDP])
            if is_open:
                return _(
                    "The TURN server at %(url)s relays for anybody without a password. Switch its authentication on.",
                    url=url,
                )
            name, password = credentials(secret, "self-test", now + LIFE)
            realm = told.get(REALM, b"")
            key = hashlib.md5(b":".join((name.encode(), realm, password.encode())), usedforsecurity=False).digest()
            ours = [(USERNAME, name.encode()), (REALM, realm), (NONCE, told.get(NONCE, b""))]
            is_granted, _told = _ask(line, ALLOCATE, [UDP, *ours], key)
            if not is_granted:
                return _("The TURN server at %(url)s refuses our password: the shared secret is another one.", url=url)
            _ask(line, REFRESH, [(LIFETIME, bytes(4)), *ours], key)
    except (OSError, ValueError, struct.error):
        return _("The TURN server at %(url)s does not answer.", url=url)
    return ""


def _connected(url: str) -> socket.socket:
    found = ADDRESS.fullmatch(url)
    if found is None:
        raise ValueError(url)
    scheme, host, port, transport = found.groups()
    host, is_safe = host.strip("[]"), scheme == "turns"
    address = (host, int(port or (5349 if is_safe else 3478)))
    if transport == "tcp" or is_safe:
        line = socket.create_connection(address, TIMEOUT)
        return ssl.create_default_context().wrap_socket(line, server_hostname=host) if is_safe else line
    family = socket.getaddrinfo(*address, type=socket.SOCK_DGRAM)[0][0]
    line = socket.socket(family, socket.SOCK_DGRAM)
    line.connect(address)
    return line


def _ask(
    line: socket.socket, method: int, attributes: Iterable[Attribute], key: bytes = b""
) -> tuple[bool, dict[int, bytes]]:
    """Send a request with retries; return whether it was granted, and the attributes of the response."""
    number = secrets.token_bytes(12)
    message = _message(method, number, attributes, key)
    for wait in WAITS if line.type == socket.SOCK_DGRAM else (TIMEOUT,):
        line.sendall(message)
        answer = _answer_to(number, line, wait)
        if answer:
            return struct.unpack_from("!H", answer)[0] == method | GRANTED, dict(_attributes(answer))
    raise TimeoutError


def _answer_to(number: bytes, line: socket.socket, seconds: float) -> bytes:
    """Return the response of this transaction, or nothing after the timeout; skip late ones to earlier requests."""
    until = monotonic() + seconds
    while (left := until - monotonic()) > 0:
        line.settimeout(left)
        try:
            answer = line.recv(4096)
        except TimeoutError:
            return b""
        if answer[8:20] == number:
            return answer
        if not answer:
            raise ConnectionError("closed")
    return b""


def _message(method: int, number: bytes, attributes: Iterable[Attribute], key: bytes) -> bytes:
    body = b"".join(_packed(*each) for each in attributes)
    if not key:
        return struct.pack("!HHI", method, len(body), COOKIE) + number + body
    head = struct.pack("!HHI", method, len(body) + 24, COOKIE) + number  # the signed length includes the signature
    return head + body + _packed(INTEGRITY, hmac.new(key, head + body, hashlib.sha1).digest())


def _packed(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def _attributes(answer: bytes) -> Iterable[Attribute]:
    place = 20
    while place + 4 <= len(answer):
        kind, length = struct.unpack_from("!HH", answer, place)
        yield kind, answer[place + 4 : place + 4 + length]
        place += 4 + length + (-length % 4)
