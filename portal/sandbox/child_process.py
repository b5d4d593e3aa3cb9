"""Work in processes of its own: one piece at a time each, with limits, so that nothing it does can hurt the caller.

What is written in C and not made for threads (Pango, fontconfig), and what reads strangers' files, runs here. A child
gets bytes and gives bytes: no database, no plugin, no key, nothing of the environment.
"""

import atexit
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from portal.base.clock import monotonic

REQUEST = struct.Struct("!Q")  # how many bytes follow
REPLY = struct.Struct("!?Q")  # did it go well, and how many bytes follow
LARGEST_REPLY = 256 * 2**20
OUT_OF_MEMORY = 12  # a child's exit code, as ENOMEM
ENTRY = "portal.sandbox.child_entry"
log = structlog.get_logger(__name__)


class ChildFailed(RuntimeError):
    """The child died, was silent for too long, or went over its memory: one failed try, with the reason in words."""


class WorkFailed(RuntimeError):
    """The work itself raised an exception: its class's name and its text."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"{kind}: {text}" if text else kind)
        self.kind = kind
        self.text = text


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


class ChildPool:
    """Up to `size` children, each of which runs `work(bytes) -> bytes` of a module, one call at a time.

    `memory` is a child's address space in bytes, `seconds` the longest a call may take, `documents` how many calls a
    child lives. May be used from any number of threads; a call waits while all children are busy.
    """

    def __init__(self, module: str, *, size: int, memory: int, seconds: float, documents: int) -> None:
        self._module, self._memory, self._seconds, self._documents = module, memory, seconds, documents
        self._places = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()
        self._closed = False
        atexit.register(self.close)

    def run(self, request: bytes) -> bytes:
        """The answer of a child. Raises ChildFailed or WorkFailed, after which that child is ended."""
        with self.reserved() as ask:
            return ask(request)

    @contextmanager
    def reserved(self) -> Iterator[Callable[[bytes], bytes]]:
        """Wait until a child is free, then `run` without waiting, as long as the block lasts."""
        with self._places:
            yield self._ask

    def close(self) -> None:
        """End all children, busy ones too: whoever waits for one gets ChildFailed, and so does whoever comes later."""
        with self._lock:
            self._closed = True
            children = list(self._all)
        for child in children:
            child.kill()
        for child in children:
            self._forget(child)

    def _ask(self, request: bytes) -> bytes:
        child = self._take()
        try:
            answer = child.ask(request, self._seconds)
        except BaseException as error:
            self._end(child)
            if isinstance(error, ChildFailed):
                log.warning("child_failed", module=self._module, child=child.pid, reason=str(error))
            raise
        self._give_back(child)
        return answer

    def _take(self) -> "_Child":
        with self._lock:
            if self._closed:
                raise ChildFailed("this process is ending")
            if self._idle:
                return self._idle.pop()
            child = _Child(self._module, self._memory, self._seconds)
            self._all.add(child)
            return child

    def _give_back(self, child: "_Child") -> None:
        with self._lock:
            if child.served < self._documents and not self._closed:
                self._idle.append(child)
                return
        self._end(child)

    def _end(self, child: "_Child") -> None:
        child.kill()
        self._forget(child)

    def _forget(self, child: "_Child") -> None:
        child.bury()
        with self._lock:
            self._all.discard(child)
            if child in self._idle:
                self._idle.remove(child)


class _Child:
    """One process and our end of the socket to it.

    The parent's death closes the socket, which ends a child, busy or not.
    (PR_SET_PDEATHSIG would follow the thread that started the child, and threads of a worker come and go.)
    """

    def __init__(self, module: str, memory: int, seconds: float) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-P", "-m", ENTRY, module, str(memory), str(seconds)]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 our own interpreter and our own module
                command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, env=_environment()
            )
        self._socket = ours
        self._ending = threading.Lock()
        self.pid = self._process.pid
        self.served = 0

    def ask(self, request: bytes, seconds: float) -> bytes:
        """Its answer. Raises ChildFailed when it dies or is silent, WorkFailed when the work raised."""
        try:
            well, answer = self._exchange(request, monotonic() + seconds)
        except TimeoutError:
            raise ChildFailed(f"silent for {seconds:g} seconds") from None
        except OSError:
            raise ChildFailed(self._cause_of_death()) from None
        self.served += 1
        if not well:
            kind, _, text = answer.decode(errors="replace").partition("\n")
            raise WorkFailed(kind, text)
        return answer

    def kill(self) -> None:
        """End it at once."""
        with self._ending:
            self._process.kill()

    def bury(self) -> None:
        """Close our end and take its exit code, so that no zombie stays."""
        with self._ending:
            self._process.wait()
            self._socket.close()

    def _exchange(self, request: bytes, until: float) -> tuple[bool, bytes]:
        self._socket.settimeout(_left(until))
        self._socket.sendall(REQUEST.pack(len(request)) + request)
        well, size = REPLY.unpack(self._receive(REPLY.size, until))
        if size > LARGEST_REPLY:
            raise ChildFailed(f"an answer of {size:,} bytes")
        return well, self._receive(size, until)

    def _receive(self, size: int, until: float) -> bytes:
        got = bytearray()
        while len(got) < size:
            self._socket.settimeout(_left(until))
            part = self._socket.recv(min(size - len(got), 2**20))
            if not part:
                raise ConnectionResetError
            got += part
        return bytes(got)

    def _cause_of_death(self) -> str:
        try:
            code = self._process.wait(5)
        except subprocess.TimeoutExpired:
            return "hung up"
        if code == OUT_OF_MEMORY:
            return "out of memory"
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def _left(until: float) -> float:
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _environment() -> dict[str, Any]:
    """Nothing but where our modules are: no key, no password, no setting."""
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
