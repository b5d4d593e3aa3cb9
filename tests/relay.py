"""A relay before PostgreSQL that loses the answer to a COMMIT."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

CHUNK = 65536


class Relay:
    """Hands everything on between clients and a server on this machine; what it cuts is set while it runs."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self.cut_after = (
            b""  # the COMMIT of the transaction that holds these words reaches the server, its answer nobody
        )
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._door.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self._door.accept()
                server = socket.create_connection(("127.0.0.1", self._port))
                pair = _Pair(self, client, server)
                threading.Thread(target=pair.to_server, daemon=True).start()
                threading.Thread(target=pair.to_client, daemon=True).start()


class _Pair:
    """One connection of a client, and its own to the server."""

    def __init__(self, relay: Relay, client: socket.socket, server: socket.socket) -> None:
        self._relay, self._client, self._server = relay, client, server
        self._has_words = self._is_cut = False

    def to_server(self) -> None:
        with suppress(OSError):
            while data := self._client.recv(CHUNK):
                words = self._relay.cut_after
                self._has_words = self._has_words or bool(words and words in data)
                if self._has_words and b"COMMIT" in data:
                    self._is_cut, self._relay.cut_after = True, b""
                self._server.sendall(data)
        self._end()

    def to_client(self) -> None:
        with suppress(OSError):
            while data := self._server.recv(CHUNK):
                if self._is_cut:
                    self._relay.cuts += 1
                    break
                self._client.sendall(data)
        self._end()

    def _end(self) -> None:
        for each in (self._client, self._server):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@contextmanager
def relayed(url: str) -> Iterator[tuple[str, Relay]]:
    """Run a relay before the server of a URL; yields the URL through it."""
    parts = urlsplit(url)
    relay = Relay(parts.port or 5432)
    try:
        yield url.replace(f":{parts.port}/", f":{relay.port}/"), relay
    finally:
        relay.close()
