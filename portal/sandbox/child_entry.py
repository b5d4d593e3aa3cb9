"""The child's side of `child_process`: limits first, then the module, then one request after the other."""

import fcntl
import os
import resource
import select
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module

from portal.sandbox.child_process import OUT_OF_MEMORY, REPLY, REQUEST

# The parent ends a silent child, and its death a busy one. The child's own alarm is for when both should fail.
ALARM_AFTER = 2.0


def main(module: str, memory: int, seconds: float) -> None:
    """Answer until the parent closes its end."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Ctrl-C and a service manager's TERM reach the whole group: the parent decides when what is under way is lost.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for number in (signal.SIGALRM, signal.SIGIO):
        signal.signal(number, signal.SIG_DFL)
    # A parent that was killed closes nothing: what it leaves of the connection is an end like any other.
    with suppress(ConnectionError), socket.socket(fileno=os.dup(0)) as parent, parent.makefile("rb") as requests:
        while header := requests.read(REQUEST.size):
            request = requests.read(REQUEST.unpack(header)[0])
            signal.setitimer(signal.ITIMER_REAL, seconds + ALARM_AFTER)
            _end_with(parent, True)
            well, answer = _answer(module, request)
            _end_with(parent, False)
            parent.sendall(REPLY.pack(well, len(answer)) + answer)
            signal.setitimer(signal.ITIMER_REAL, 0)


def _end_with(parent: socket.socket, yes: bool) -> None:
    """While it works, the parent says nothing: what the kernel tells of the socket is then that the parent is gone."""
    flags = fcntl.fcntl(parent, fcntl.F_GETFL)
    fcntl.fcntl(parent, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(parent, fcntl.F_SETFL, flags | os.O_ASYNC if yes else flags & ~os.O_ASYNC)
    if yes and select.select([parent], [], [], 0)[0]:
        os._exit(0)


def _answer(module: str, request: bytes) -> tuple[bool, bytes]:
    """(True, the answer), or (False, the exception): importing belongs to the work, so its failure is told too."""
    try:
        work: Callable[[bytes], bytes] = import_module(module).work
        return True, work(request)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except BaseException as error:  # noqa: BLE001 whatever it is (WeasyPrint's own are none of Exception), it is told
        return False, f"{type(error).__name__}\n{error}".encode()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
