"""WSGI middleware that buffers request bodies before a view runs, with a timeout and a concurrency limit (slow loris).

granian has no timeout for a body, and reading blocks until its last byte: a few sockets that send a byte a second would
occupy every thread (safety.md S46, F48; docs/decisions/0004-web-server-threads.md). The timeout is extended by bytes
received, not by the announced length.
"""

from collections.abc import Callable, Iterable
from tempfile import SpooledTemporaryFile
from threading import Event, Thread
from time import monotonic
from typing import IO, Any

from portal.web.incoming.places import Places
from portal.web.incoming.unread import FORMS, Unread, refuse
from portal.work.throttle import network

SMALL = 1024 * 1024  # bytes of a form without files, or of a program's request
# Threads of a process that may wait for bodies; pages have others. Files that anybody may hand in block nothing else.
SMALL_PLACES, LARGE_PLACES, OPEN_PLACES = 21, 9, 3
RECEIVING = SMALL_PLACES + LARGE_PLACES + OPEN_PLACES
READERS = 240  # reader threads, including those of timed-out bodies, which end with their connection
TIMEOUT = 10.0  # seconds for any body, plus the time its received bytes take at SLOWEST
SLOWEST = 8 * 1024  # bytes a second, a weak 2G line
STEP = 8 * 1024
IN_MEMORY = 1024 * 1024

Environ = dict[str, Any]
Start = Callable[..., Any]


class IncomingBody:
    """A body being received, in a thread, as a blocking read cannot be interrupted."""

    def __init__(self, stream: IO[bytes], length: int, most: int) -> None:
        self.body = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 the request closes it
        self.count, self.is_whole, self.done = 0, False, Event()
        self._stream, self._length, self._most = stream, length, most

    @property
    def is_too_long(self) -> bool:
        """Does a body without an announced length exceed the limit?"""
        return self._length < 0 and self.count > self._most

    def wait(self, timeout: float) -> bool:
        """Wait for the body while it is fast enough. False on timeout."""
        began = monotonic()
        while (left := began + timeout + self.count / SLOWEST - monotonic()) > 0:
            if self.done.wait(left):
                return not self.body.closed
        self.body.close()  # makes the reader thread stop at its next write
        return False

    def read(self) -> None:
        """Read up to the announced length only: some servers pass the bare socket, which never ends."""
        try:
            end = self._length if self._length > 0 else self._most + 1
            while self.count < end and (chunk := self._stream.read(min(STEP, end - self.count))):
                self.body.write(chunk)
                self.count += len(chunk)
            self.is_whole = self.count == end or self._length < 0
            self.body.seek(0)
        except (OSError, ValueError):  # the client disconnected, or the timeout closed the file
            self.body.close()
        finally:
            self.done.set()


class Bodies:
    """WSGI middleware: calls the application with the whole body, or not at all."""

    def __init__(
        self,
        inner: Callable[[Environ, Start], Iterable[bytes]],
        largest: int,
        may_be_large: Callable[[Environ], bool] = lambda environ: True,
        timeout: float = TIMEOUT,
        *,
        of_anyone: Callable[[Environ], int] = lambda environ: 0,
    ) -> None:
        self._inner, self._largest, self._may_be_large, self._timeout = inner, largest, may_be_large, timeout
        self._of_anyone, self._open, self._readers = of_anyone, Places(OPEN_PLACES), Places(READERS)
        self._small, self._large = Places(SMALL_PLACES), Places(LARGE_PLACES)

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Buffer the body: 408 when it is too slow, 413 when it is too big here, 503 when too many arrive."""
        length = _length(environ)
        if length == 0:
            return self._inner(environ, start_response)
        if length < 0 and environ.get("CONTENT_TYPE", "").startswith(FORMS):  # else truncation is undetected
            return refuse(environ, start_response, "411 Length Required")
        most = self._of_anyone(environ)
        if most:
            place, is_allowed = self._open, length <= most
        else:
            place = self._large if length > SMALL else self._small
            is_allowed = length <= self._largest and (length <= SMALL or self._may_be_large(environ))
        if not is_allowed:
            environ["wsgi.input"] = Unread()
            return self._inner(environ, start_response)
        return self._buffer(environ, start_response, length, place)

    def _buffer(self, environ: Environ, start: Start, length: int, place: Places) -> Iterable[bytes]:
        whose = network(environ.get("REMOTE_ADDR", ""))
        if not place.take(whose):
            return refuse(environ, start, "503 Service Unavailable", ("Retry-After", "5"))
        try:
            incoming = self._start_reading(environ["wsgi.input"], length, whose)
            if incoming is None:
                return refuse(environ, start, "503 Service Unavailable", ("Retry-After", "30"))
            is_complete = incoming.wait(self._timeout)
        finally:
            place.give_back(whose)
        if not is_complete:
            return refuse(environ, start, "408 Request Timeout", ("Connection", "close"))
        with incoming.body as body:  # views read it before they respond
            if not incoming.is_whole:
                return refuse(environ, start, "400 Bad Request", ("Connection", "close"))
            environ["wsgi.input"] = Unread() if incoming.is_too_long else body
            return self._inner(environ, start)

    def _start_reading(self, stream: IO[bytes], length: int, whose: str) -> IncomingBody | None:
        """Start a reader thread; None when this network has too many timed-out ones that are still open."""
        if not self._readers.take(whose):
            return None
        incoming = IncomingBody(stream, length, min(SMALL, self._largest))

        def read() -> None:
            incoming.read()
            self._readers.give_back(whose)

        Thread(target=read, daemon=True).start()
        return incoming


def _length(environ: Environ) -> int:
    """Return the announced length in bytes: 0 for no body, -1 for chunked."""
    if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        return -1
    text = environ.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() else 0
