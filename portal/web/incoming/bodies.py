"""Request bodies: taken in before a view runs, within a time, and never by so many threads that none is left.

granian has no time-out for a body, and whoever reads one waits for its last byte: with a few sockets that send a byte
a second everybody else would stand still (safety.md S46, F48; docs/decisions/0004-web-server-threads.md). Time is
bought by bytes that have come, not by the length that is announced.
"""

from collections.abc import Callable, Iterable
from tempfile import SpooledTemporaryFile
from threading import Event, Thread
from time import monotonic
from typing import IO, Any

from portal.web.incoming.places import Places
from portal.web.incoming.unread import FORMS, Unread, refuse
from portal.work.throttle import network

SMALL = 1024 * 1024  # bytes of a form without files, of what a program sends
SMALL_PLACES, LARGE_PLACES = 21, 9  # threads of a process that wait for bodies; pages have others
RECEIVING = SMALL_PLACES + LARGE_PLACES
READERS = 240  # sockets that are still being read, those whose time is over too: they end with their connection
PATIENCE = 10.0  # seconds for any body, and on top what the bytes that came take at SLOWEST
SLOWEST = 8 * 1024  # bytes a second, a weak 2G line
STEP = 8 * 1024
IN_MEMORY = 1024 * 1024

Environ = dict[str, Any]
Start = Callable[..., Any]


class Arriving:
    """A body on its way: a thread reads it, as reading cannot be interrupted."""

    def __init__(self, stream: IO[bytes], length: int, most: int) -> None:
        self.body = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 the request closes it
        self.count, self.is_whole, self.done = 0, False, Event()
        self._stream, self._length, self._most = stream, length, most

    @property
    def is_too_long(self) -> bool:
        """Has more come than this request may have, whose length nobody announced?"""
        return self._length < 0 and self.count > self._most

    def wait(self, patience: float) -> bool:
        """Until it has come, as long as it comes fast enough."""
        began = monotonic()
        while (left := began + patience + self.count / SLOWEST - monotonic()) > 0:
            if self.done.wait(left):
                return not self.body.closed
        self.body.close()  # whoever still reads it finds that nobody wants it
        return False

    def read(self) -> None:
        """No further than the announced length: some servers hand over the bare socket, which has no end."""
        try:
            end = self._length if self._length > 0 else self._most + 1
            while self.count < end and (chunk := self._stream.read(min(STEP, end - self.count))):
                self.body.write(chunk)
                self.count += len(chunk)
            self.is_whole = self.count == end or self._length < 0
            self.body.seek(0)
        except (OSError, ValueError):  # the client has gone, or the time was over and the file is closed
            self.body.close()
        finally:
            self.done.set()


class Bodies:
    """WSGI: the application gets the whole body at once, or is not asked."""

    def __init__(
        self,
        inner: Callable[[Environ, Start], Iterable[bytes]],
        largest: int,
        may_be_large: Callable[[Environ], bool] = lambda environ: True,
        patience: float = PATIENCE,
    ) -> None:
        self._inner, self._largest, self._may_be_large, self._patience = inner, largest, may_be_large, patience
        self._small, self._large, self._readers = Places(SMALL_PLACES), Places(LARGE_PLACES), Places(READERS)

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Take the body in; 408 when it is too slow, 413 when it is too big here, 503 when too many are coming."""
        length = _length(environ)
        if length == 0:
            return self._inner(environ, start_response)
        if length < 0 and environ.get("CONTENT_TYPE", "").startswith(FORMS):  # the end of a broken one cannot be told
            return refuse(environ, start_response, "411 Length Required")
        if length > self._largest or (length > SMALL and not self._may_be_large(environ)):
            environ["wsgi.input"] = Unread()
            return self._inner(environ, start_response)
        return self._take_in(environ, start_response, length)

    def _take_in(self, environ: Environ, start: Start, length: int) -> Iterable[bytes]:
        place, whose = self._large if length > SMALL else self._small, network(environ.get("REMOTE_ADDR", ""))
        if not place.take(whose):
            return refuse(environ, start, "503 Service Unavailable", ("Retry-After", "5"))
        try:
            arriving = self._arriving(environ["wsgi.input"], length, whose)
            if arriving is None:
                return refuse(environ, start, "503 Service Unavailable", ("Retry-After", "30"))
            has_come = arriving.wait(self._patience)
        finally:
            place.give_back(whose)
        if not has_come:
            return refuse(environ, start, "408 Request Timeout", ("Connection", "close"))
        with arriving.body as body:  # views read it before they answer
            if not arriving.is_whole:
                return refuse(environ, start, "400 Bad Request", ("Connection", "close"))
            environ["wsgi.input"] = Unread() if arriving.is_too_long else body
            return self._inner(environ, start)

    def _arriving(self, stream: IO[bytes], length: int, whose: str) -> Arriving | None:
        """The body, being read; None when this network still has too many that were given up and not closed."""
        if not self._readers.take(whose):
            return None
        arriving = Arriving(stream, length, min(SMALL, self._largest))

        def read() -> None:
            arriving.read()
            self._readers.give_back(whose)

        Thread(target=read, daemon=True).start()
        return arriving


def _length(environ: Environ) -> int:
    """Bytes to come: 0 when there are none, -1 when the client does not say."""
    if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        return -1
    text = environ.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() else 0
