"""Load generator: thousands of open pages in one process, each polling at the server's interval with keep-alive."""

import asyncio
import json
import re
import zlib
from dataclasses import dataclass, field
from random import Random
from time import monotonic

from bench.clinic import Page

INTERVAL = re.compile(rb'hx-trigger="every (\d+)s"')
SPREAD = 14.0  # pages were not all opened in the same second
OK = 200
PROBE_EVERY = 0.02
PROBE_SECONDS = 5.0


@dataclass
class Tally:
    """Counters of all polls."""

    seconds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    bytes: int = 0
    delays: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def count(self, status: int, took: float, size: int) -> None:
        """Count a response."""
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.seconds.append(took)
        self.bytes += size


class Connection:
    """A keep-alive connection, one request at a time."""

    def __init__(self, host: str, port: int, page: Page) -> None:
        self._where, self._page, self.etag = (host, port), page, ""
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def poll(self, accept: str = "text/html") -> tuple[int, bytes]:
        """Send a request; return status and body."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(*self._where)
        known = f'If-None-Match: "{self.etag}"\r\n' if self.etag else ""
        self._writer.write(
            f"GET {self._page.address} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {self._page.cookie}\r\n"
            f"HX-Request: true\r\nX-Background: 1\r\nAccept: {accept}\r\nAccept-Encoding: gzip\r\n{known}\r\n".encode()
        )
        head = await self._reader.readuntil(b"\r\n\r\n")  # type: ignore[union-attr]
        status, headers = parsed(head)
        size = 0 if status == 304 else int(headers.get(b"content-length", b"0"))
        body = await self._reader.readexactly(size) if size else b""  # type: ignore[union-attr]
        if b"etag" in headers:
            self.etag = headers[b"etag"].decode().strip('"').partition(":")[0]
        return status, body

    def again(self) -> "Connection":
        """Reconnect, keeping the page's ETag."""
        other = Connection(*self._where, self._page)
        other.etag = self.etag
        return other

    def close(self) -> None:
        """Close the connection."""
        if self._writer is not None:
            self._writer.close()


def parsed(head: bytes) -> tuple[int, dict[bytes, bytes]]:
    """Parse status and headers of a response."""
    first, *lines = head[:-4].split(b"\r\n")
    return int(first[9:12]), {
        name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)
    }


async def watch(host: str, port: int, pages: list[Page], ends: float, starts: float, tally: Tally) -> None:
    """Keep all pages open until `ends`; count polls after `starts`."""
    lot = Random(1)
    await asyncio.gather(*(_page(host, port, page, lot.random() * SPREAD, ends, starts, tally) for page in pages))


async def _page(host: str, port: int, page: Page, wait: float, ends: float, starts: float, tally: Tally) -> None:
    connection, interval = Connection(host, port, page), 10
    try:
        await asyncio.sleep(wait)
        while interval and (began := monotonic()) < ends:
            status, body = await connection.poll()
            if began >= starts:
                tally.count(status, monotonic() - began, len(body))
            if status == OK:
                interval = interval_of(body)
            await asyncio.sleep(max(0.0, began + interval - monotonic()))
    except (OSError, EOFError, asyncio.IncompleteReadError) as error:
        tally.failures.append(repr(error))
    finally:
        connection.close()


def interval_of(body: bytes) -> int:
    """Parse the next poll interval from the fragment; 0 when polling ends."""
    found = INTERVAL.search(zlib.decompress(body, zlib.MAX_WBITS | 16))
    return int(found[1]) if found else 0


async def probe(host: str, port: int, page: Page, state: str, committed: float, tally: Tally) -> None:
    """Measure the staleness: seconds from a commit until a poll has the new state, on its own connection."""
    connection = Connection(host, port, page)
    while (asked := monotonic()) < committed + PROBE_SECONDS:
        connection.etag = ""
        _, body = await connection.poll("application/json")
        if json.loads(zlib.decompress(body, zlib.MAX_WBITS | 16))["state"] == state:
            tally.delays.append(monotonic() - committed)
            break
        await asyncio.sleep(max(0.0, asked + PROBE_EVERY - monotonic()))
    connection.close()
