"""Sandbox pool of child processes, with limits on memory, time and requests, so that no crash reaches the caller.

For C libraries that are not thread-safe (Pango, fontconfig), and for parsing untrusted files. A child takes bytes and
returns bytes: no database, no plugin, no key, no environment.
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

REQUEST = struct.Struct("!Q")  # length in bytes of the request that follows
REPLY = struct.Struct("!?Q")  # success flag, length in bytes of the result that follows
LARGEST_REPLY = 256 * 2**20
OUT_OF_MEMORY = 12  # a child's exit code, as ENOMEM
ENTRY = "portal.sandbox.child_entry"
log = structlog.get_logger(__name__)


class ChildFailed(RuntimeError):
    """The child crashed, timed out, or ran out of memory: one failed try, with the reason. A retry may succeed."""


class WorkFailed(RuntimeError):
    """The work raised an exception: `kind` is the name of its class."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"{kind}: {text}" if text else kind)
        self.kind = kind
        self.text = text


def cores() -> int:
    """Count the CPUs this process may use."""
    return len(os.sched_getaffinity(0))


class ChildPool:
    """A pool of up to `size` children, each running `work(bytes) -> bytes` of a module, one call at a time.

    `memory`: a child's address space in bytes; `seconds`: timeout of a call; `documents`: calls before a child is
    replaced. Thread-safe; a call waits while all children are busy.
    """

    def __init__(self, module: str, *, size: int, memory: int, seconds: float, documents: int) -> None:
        self._module, self._memory, self._seconds, self._documents = module, memory, seconds, documents
        self._slots = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()
        self._closed = False
        atexit.register(self.close)

    def run(self, request: bytes) -> bytes:
        """Run one request in a child. Raises ChildFailed or WorkFailed, and then replaces that child."""
        with self.reserved() as ask:
            return ask(request)

    @contextmanager
    def reserved(self) -> Iterator[Callable[[bytes], bytes]]:
        """Reserve a slot of the pool for the block, and yield a `run` that does not wait."""
        with self._slots:
            yield self._ask

    def close(self) -> None:
        """Kill all children, busy ones too: their callers, and later ones, get ChildFailed."""
        with self._lock:
            self._closed = True
            children = list(self._all)
        for child in children:
            child.kill()
        for child in children:
            self._reap(child)

    def _ask(self, request: bytes) -> bytes:
        child = self._acquire()
        try:
            answer = child.ask(request, self._seconds)
        except BaseException as error:
            self._end(child)
            if isinstance(error, ChildFailed):
                log.warning("child_failed", module=self._module, child=child.pid, reason=str(error))
            raise
        self._release(child)
        return answer

    def _acquire(self) -> "_Child":
        with self._lock:
            if self._closed:
                raise ChildFailed("this process is ending")
            if self._idle:
                return self._idle.pop()
            child = _Child(self._module, self._memory, self._seconds)
            self._all.add(child)
            return child

    def _release(self, child: "_Child") -> None:
        with self._lock:
            if child.served < self._documents and not self._closed:
                self._idle.append(child)
                return
        self._end(child)

    def _end(self, child: "_Child") -> None:
        child.kill()
        self._reap(child)

    def _reap(self, child: "_Child") -> None:
        child.reap()
        with self._lock:
            self._all.discard(child)
            if child in self._idle:
                self._idle.remove(child)


class _Child:
    """One child process and our end of its socket.

    The parent's death closes a pipe, which ends the child, busy or not. (PR_SET_PDEATHSIG would follow the thread that
    started the child, and a worker's threads come and go.)
    """

    def __init__(self, module: str, memory: int, seconds: float) -> None:
        ours, theirs = socket.socketpair()
        alive, keeper = os.pipe()
        self._alive = os.fdopen(keeper, "wb")  # closed by the death of this process
        command = [sys.executable, "-P", "-m", ENTRY, module, str(memory), str(seconds), str(alive)]
        try:
            self._process = subprocess.Popen(  # noqa: S603 our own interpreter and our own module
                command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, env=_environment(), pass_fds=(alive,)
            )
        finally:
            theirs.close()
            os.close(alive)
        self._socket = ours
        self._ending = threading.Lock()
        self.pid = self._process.pid
        self.served = 0

    def ask(self, request: bytes, seconds: float) -> bytes:
        """Send a request, return the result. Raises ChildFailed on a crash or timeout, WorkFailed if it raised."""
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
        """Send SIGKILL."""
        with self._ending:
            self._process.kill()

    def reap(self) -> None:
        """Wait for the exit code and close the socket, so that no zombie is left."""
        with self._ending:
            self._process.wait()
            self._socket.close()
            self._alive.close()

    def _exchange(self, request: bytes, until: float) -> tuple[bool, bytes]:
        self._socket.settimeout(_remaining(until))
        self._socket.sendall(REQUEST.pack(len(request)) + request)
        well, size = REPLY.unpack(self._receive(REPLY.size, until))
        if size > LARGEST_REPLY:
            raise ChildFailed(f"an answer of {size:,} bytes")
        return well, self._receive(size, until)

    def _receive(self, size: int, until: float) -> bytes:
        got = bytearray()
        while len(got) < size:
            self._socket.settimeout(_remaining(until))
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


def _remaining(until: float) -> float:
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _environment() -> dict[str, Any]:
    """Make an environment with the module path only: no key, no password, no setting."""
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
