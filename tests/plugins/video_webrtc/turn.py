"""A real TURN server on a free port, and a bad network in front of it."""

import heapq
import random
import selectors
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import free_port, need, wait_for

SECRET = "a-secret-of-coturn-4711"
Address = tuple[str, int]


@contextmanager
def running_turn(folder: Path, *, is_open: bool = False) -> Iterator[int]:
    """Run coturn with time-limited credentials, as in production but for the loopback; return its port."""
    need("turnserver", "no call is relayed")
    port = free_port()
    who = "no-auth" if is_open else f"use-auth-secret\nstatic-auth-secret={SECRET}"
    (folder / "turn.conf").write_text(
        f"listening-ip=127.0.0.1\nrelay-ip=127.0.0.1\nlistening-port={port}\nmin-port=49200\nmax-port=49399\n"
        f"fingerprint\n{who}\nrealm=opd.test\nno-tls\nno-dtls\nno-cli\n"
        f"allow-loopback-peers\nno-multicast-peers\nuserdb={folder}/turndb\npidfile={folder}/turn.pid\n"
        "log-file=stdout\nsimple-log\n"
    )
    with (folder / "turn.log").open("wb") as log:
        server = subprocess.Popen(["turnserver", "-c", str(folder / "turn.conf")], stdout=log, stderr=log, cwd=folder)
    try:
        wait_for(lambda: _is_awake(port), "the TURN server")
        yield port
    finally:
        server.terminate()
        server.wait(10)


def _is_awake(port: int) -> bool:
    """Tell whether it answers a STUN binding request (RFC 8489)."""
    question = b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12)
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.5)
        probe.connect(("127.0.0.1", port))
        try:
            probe.send(question)
            return probe.recv(1500)[:2] == b"\x01\x01"
        except OSError:
            return False


class BadLine:
    """A UDP relay that loses and delays packets to the server, or drops everything."""

    def __init__(self, server: int) -> None:
        self.server: Address = ("127.0.0.1", server)
        self.loss, self.delay, self.is_cut = 0.0, 0.0, False
        self.dice = random.Random(4711)  # noqa: S311 - the same losses in every run
        self.front = self._socket(("127.0.0.1", 0))
        self.port = int(self.front.getsockname()[1])
        self._behind: dict[Address, socket.socket] = {}
        self._late: list[tuple[float, int, socket.socket, bytes]] = []
        self._watch = selectors.DefaultSelector()
        self._watch.register(self.front, selectors.EVENT_READ)
        self._is_running, self._sent = True, 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def move(self) -> None:
        """Change to another network: the server sees another address from now on."""
        for behind in list(self._behind.values()):
            self._watch.unregister(behind)
            behind.close()
        self._behind.clear()

    def close(self) -> None:
        self._is_running = False
        self._thread.join()
        self.move()
        self._watch.close()
        self.front.close()

    def _socket(self, address: Address) -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        made.bind(address)
        made.setblocking(False)
        return made

    def _run(self) -> None:
        while self._is_running:
            for key, _events in self._watch.select(0.01):
                self._read(key.fileobj, key.data)
            while self._late and self._late[0][0] <= time.monotonic():
                _due, _number, behind, data = heapq.heappop(self._late)
                self._send(behind, data, self.server)

    def _read(self, source: socket.socket, client: Address | None) -> None:
        for _ in range(200):
            try:
                data, sender = source.recvfrom(65536)
            except OSError:
                return
            if self.is_cut:
                continue
            if client is not None:
                self._send(self.front, data, client)
            elif self.dice.random() >= self.loss:
                self._sent += 1
                heapq.heappush(self._late, (time.monotonic() + self.delay, self._sent, self._way(sender), data))

    def _way(self, client: Address) -> socket.socket:
        if client not in self._behind:
            self._behind[client] = self._socket(("127.0.0.1", 0))
            self._watch.register(self._behind[client], selectors.EVENT_READ, client)
        return self._behind[client]

    def _send(self, through: socket.socket, data: bytes, to: Address) -> None:
        try:
            through.sendto(data, to)
        except OSError:
            return
