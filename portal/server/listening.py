"""Claim the port: web processes share it with SO_REUSEPORT, so the kernel would let a second server bind it too."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from portal.config import Config, ConfigError


@contextmanager
def claimed(config: Config) -> Iterator[None]:
    """Bind PORTAL_BIND for the block without listening, so that no other program gets it.

    Raises ConfigError when it is in use: by another program, another start, or leftovers of one.
    """
    try:
        place = _claim(config)
    except OSError as error:
        raise ConfigError(_sentence(config, error)) from error
    with place:
        yield


def require_free(config: Config) -> None:
    """Raise ConfigError when PORTAL_BIND is in use."""
    with claimed(config):
        return


def number_of(config: Config) -> str:
    """Resolve PORTAL_BIND to a numeric address, as granian takes no names."""
    return str(_resolved(config)[3][0])


def _resolved(config: Config) -> tuple[int, int, int, tuple[Any, ...]]:
    family, kind, protocol, _name, address = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)[0]
    return family, kind, protocol, address


def _claim(config: Config) -> socket.socket:
    """Bind without SO_REUSEPORT, so that a port in use is refused; set it afterwards for our own processes."""
    family, kind, protocol, address = _resolved(config)
    place = socket.socket(family, kind, protocol)
    try:
        # Ignore TIME_WAIT connections of a server that has just stopped.
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.bind(address)
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    except BaseException:
        place.close()
        raise
    return place


def _sentence(config: Config, error: OSError) -> str:
    where = f"PORTAL_BIND ({config.host}:{config.port})"
    if error.errno == errno.EADDRINUSE:
        return f"{where} is in use: the portal runs already, or another program does. End that, or name another port."
    return f"{where} cannot be listened on: {error.strerror or error}. Name an address of this machine and a free port."
