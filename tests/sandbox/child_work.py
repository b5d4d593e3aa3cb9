"""Work for sandbox tests: the first word of a request names a function."""

import gc
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path


def _hang(rest: bytes) -> bytes:
    if rest:
        Path(rest.decode()).touch()
    while True:
        signal.pause()


def _eat(rest: bytes) -> bytes:
    return bytes(len(bytearray(int(rest))))


def _environment(rest: bytes) -> bytes:
    return "\n".join(sorted(os.environ)).encode()


def _modules(rest: bytes) -> bytes:
    return "\n".join(sorted(sys.modules)).encode()


def _print(rest: bytes) -> bytes:
    print("noise on standard output")  # noqa: T201
    os.write(1, b"noise below Python")
    return b"quiet"


def _busy(rest: bytes) -> bytes:
    until = time.monotonic() + float(rest)
    while time.monotonic() < until:
        pass
    return rest


def _raise(rest: bytes) -> bytes:
    raise ValueError(rest.decode())


def _cycles(rest: bytes) -> bytes:
    """Leave objects behind that only the garbage collector frees, and say how many of its kind are alive."""

    class Knot:
        def __init__(self) -> None:
            self.self = self

    for _ in range(int(rest)):
        Knot()
    return str(sum(type(each).__name__ == "Knot" for each in gc.get_objects())).encode()


DEEDS: dict[bytes, Callable[[bytes], bytes]] = {
    b"echo": lambda rest: rest,
    b"pid": lambda rest: str(os.getpid()).encode(),
    b"die": lambda rest: os._exit(int(rest)),
    b"abort": lambda rest: os.abort(),
    b"hang": _hang,
    b"eat": _eat,
    b"environment": _environment,
    b"modules": _modules,
    b"print": _print,
    b"busy": _busy,
    b"raise": _raise,
    b"cycles": _cycles,
    b"frozen": lambda rest: str(gc.get_freeze_count()).encode(),
}


def work(request: bytes) -> bytes:
    """Run the function that the request names."""
    deed, _, rest = request.partition(b" ")
    return DEEDS[deed](rest)
