"""Entry point of a sandbox child: set resource limits, import the module, then serve requests one by one."""

import fcntl
import gc
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

# Seconds beyond the parent's timeout. A fallback: normally the parent kills a hanging child, or its death does.
ALARM_GRACE_SECONDS = 2.0
# Python looks for garbage after 700 new objects, and a page makes a hundred thousand: that was an eighth of its cost.
NEW_OBJECTS = 20_000


def main(module: str, memory: int, seconds: float, alive: int) -> None:
    """Serve requests until the parent closes the socket. `memory` in bytes, `seconds` for each request.

    `alive` is the read end of a pipe that ends with the parent.
    """
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Ctrl-C and a service manager's SIGTERM reach the whole process group: the parent decides when to stop a request.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for number in (signal.SIGALRM, signal.SIGIO):
        signal.signal(number, signal.SIG_DFL)
    _end_with(alive)
    # A killed parent may reset the connection instead of closing it: end normally then, too.
    with suppress(ConnectionError), socket.socket(fileno=os.dup(0)) as parent, parent.makefile("rb") as requests:
        while header := requests.read(REQUEST.size):
            request = requests.read(REQUEST.unpack(header)[0])
            signal.setitimer(signal.ITIMER_REAL, seconds + ALARM_GRACE_SECONDS)
            well, answer = _answer(module, request)
            parent.sendall(REPLY.pack(well, len(answer)) + answer)
            _look_less_for_garbage()
            signal.setitimer(signal.ITIMER_REAL, 0)


def _look_less_for_garbage() -> None:
    """After the first request all modules are loaded: they stay, and are not looked at again."""
    if gc.get_threshold()[0] != NEW_OBJECTS:
        gc.collect()
        gc.freeze()
        gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])


def _end_with(alive: int) -> None:
    """Make the kernel signal (SIGIO, fatal) when the pipe becomes readable: nothing is written, so the parent died.

    The socket can't tell: the signal for a request may come after the request was read, and would end its work.
    """
    fcntl.fcntl(alive, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(alive, fcntl.F_SETFL, fcntl.fcntl(alive, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([alive], [], [], 0)[0]:
        os._exit(0)


def _answer(module: str, request: bytes) -> tuple[bool, bytes]:
    """Return (True, the result) or (False, the exception), also for a failed import."""
    try:
        work: Callable[[bytes], bytes] = import_module(module).work
        return True, work(request)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except BaseException as error:  # noqa: BLE001 report any error (some of WeasyPrint's are no Exception)
        return False, f"{type(error).__name__}\n{error}".encode()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
