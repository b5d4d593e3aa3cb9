"""Request bodies: taken in before a view runs, within a time, and never by so many threads that none is left.

granian has no time-out for a body, and whoever reads one waits for its last byte: with a few sockets that send a byte
a second everybody else would stand still (safety.md S46, F48; docs/decisions/0004-web-server-threads.md).
"""

from collections.abc import Callable, Iterable
from tempfile import SpooledTemporaryFile
from threading import BoundedSemaphore, Event, Thread
from typing import IO, Any

from portal.web.security import fixed_headers

RECEIVING = 24  # threads of a process that may wait for bodies; the server has some more for everybody else
READERS = 256  # sockets that are still being read, those whose time is over too: they end with their connection
PATIENCE = 10.0  # seconds for any body, and on top what its length takes at SLOWEST
SLOWEST = 8 * 1024  # bytes a second, a weak 2G line
CHUNK = 64 * 1024
IN_MEMORY = 1024 * 1024

Environ = dict[str, Any]
Start = Callable[..., Any]


class Bodies:
    """WSGI: the application gets the whole body at once, or is not asked."""

    def __init__(
        self, inner: Callable[[Environ, Start], Iterable[bytes]], largest: int, patience: float = PATIENCE
    ) -> None:
        self._inner, self._largest, self._patience = inner, largest, patience
        self._receiving, self._readers = BoundedSemaphore(RECEIVING), BoundedSemaphore(READERS)

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Take the body in; 408 when it is too slow, 503 when too many are."""
        length = _length(environ)
        if length == 0 or length > self._largest:  # nothing to wait for: too long a body is refused unread, with 413
            return self._inner(environ, start_response)
        if not self._receiving.acquire(blocking=False):
            return self._refuse(environ, start_response, "503 Service Unavailable", ("Retry-After", "5"))
        try:
            body = self._received(environ["wsgi.input"], length)
        finally:
            self._receiving.release()
        if body is None:
            return self._refuse(environ, start_response, "408 Request Timeout", ("Connection", "close"))
        with body:  # views read it before they answer
            environ["wsgi.input"] = body
            return self._inner(environ, start_response)

    def _received(self, stream: IO[bytes], length: int) -> IO[bytes] | None:
        """The whole body, or None when it did not come in time. A thread reads, as reading cannot be interrupted."""
        if not self._readers.acquire(blocking=False):
            return None
        body, done = SpooledTemporaryFile(IN_MEMORY), Event()  # noqa: SIM115 the request outlives this function
        Thread(target=self._read, args=(stream, length, body, done), daemon=True).start()
        if not done.wait(self._patience + max(length, 0) / SLOWEST):
            body.close()
        if body.closed:
            return None
        body.seek(0)
        return body

    def _read(self, stream: IO[bytes], length: int, body: Any, done: Event) -> None:
        """No further than the announced length: some servers hand over the bare socket, which has no end."""
        try:
            left = length if length > 0 else self._largest + 1
            while left > 0 and (chunk := stream.read(min(CHUNK, left))):
                body.write(chunk)
                left -= len(chunk)
        except (OSError, ValueError):  # the client has gone, or the time was over and the file is closed
            body.close()
        finally:
            done.set()
            self._readers.release()

    def _refuse(self, environ: Environ, start: Start, status: str, header: tuple[str, str]) -> list[bytes]:
        plain = [("Content-Type", "text/plain"), ("Content-Length", str(len(status))), ("Cache-Control", "no-store")]
        start(status, [header, *plain, *fixed_headers(is_secure=environ["wsgi.url_scheme"] == "https").items()])
        return [status.encode()]


def _length(environ: Environ) -> int:
    """Bytes to come: 0 when there are none, -1 when the client does not say."""
    if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        return -1
    text = environ.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() else 0
