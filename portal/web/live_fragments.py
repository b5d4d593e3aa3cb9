"""A fragment in pieces, each compressed once: what differs between two watchers of one page is the ticket alone.

A gzip body is one stream of deflate blocks. Pieces that were deflated apart, and a block that is merely stored (the
ticket), can follow one another; only the checksum runs over all of them.
"""

import json
import struct
import zlib
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Protocol

TICKET = "\x02ticket\x03"  # stands in a rendered fragment where the watcher's ticket goes

_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LAST_BLOCK = b"\x03\x00"


class Part(Protocol):
    """Some bytes, and the deflate blocks they make."""

    @property
    def raw(self) -> bytes:
        """The bytes themselves."""

    @property
    def deflated(self) -> bytes:
        """Whole deflate blocks, ending at a byte, that refer to nothing before them."""


class Piece:
    """A part that many watchers get: compressed when first needed, and kept."""

    def __init__(self, text: str) -> None:
        self.raw = text.encode()

    @cached_property
    def deflated(self) -> bytes:
        """Compressed; the flush ends it at a byte."""
        packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        return packer.compress(self.raw) + packer.flush(zlib.Z_SYNC_FLUSH)


class Own:
    """A short part for one watcher: a stored block costs nothing to make."""

    def __init__(self, text: str) -> None:
        self.raw = text.encode()

    @property
    def deflated(self) -> bytes:
        """Header, length, its complement, the bytes."""
        size = len(self.raw)
        return struct.pack("<BHH", 0, size, size ^ 0xFFFF) + self.raw


class Shown:
    """What a page shows until it changes: its ETag, and its fragment, made when somebody first needs it."""

    def __init__(self, etag: str, render: Callable[[], list[Piece]], facts: Callable[[], object] | None) -> None:
        self.etag = etag
        self._render = render
        self._facts = facts

    @cached_property
    def _pieces(self) -> list[Piece]:
        return self._render()

    def html(self, ticket: str) -> list[Part]:
        """The fragment with this watcher's ticket between its pieces."""
        first, *rest = self._pieces
        return [first, Own(ticket), *rest] if rest else [first]

    def json(self) -> list[Part] | None:
        """The status, where the page has one."""
        return None if self._facts is None else [Piece(json.dumps(self._facts(), ensure_ascii=False))]


def pieces(text: str, **made: Piece) -> list[Piece]:
    """Cut a rendered fragment at the ticket, and where a piece made before goes in: named between \\x02 and \\x03."""
    found = []
    for section in text.split(TICKET):
        found += _filled(section, made)
    return found


def mark(name: str) -> str:
    """What stands in a rendered fragment for a piece made before."""
    return f"\x02{name}\x03"


def _filled(section: str, made: dict[str, Piece]) -> list[Piece]:
    for name, piece in made.items():
        before, found, after = section.partition(mark(name))
        if found:
            return [Piece(before), piece, Piece(after)]
    return [Piece(section)]


def plain(parts: Sequence[Part]) -> bytes:
    """The body as it is."""
    return b"".join([part.raw for part in parts])


def gzipped(parts: Sequence[Part]) -> bytes:
    """The body compressed."""
    checksum = size = 0
    blocks = [_GZIP_HEADER]
    for part in parts:
        checksum, size = zlib.crc32(part.raw, checksum), size + len(part.raw)
        blocks.append(part.deflated)
    return b"".join([*blocks, _LAST_BLOCK, struct.pack("<II", checksum, size)])
