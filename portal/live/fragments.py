"""A fragment in pieces: what many pages have in common is rendered and compressed once, and the rest put in between.

A gzip body is one stream of deflate blocks. Pieces that were deflated apart, and blocks that are merely stored (a
ticket, a token), can follow one another; only the checksum runs over all of them.
"""

import json
import re
import secrets
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from portal.base.lazy import lazy

_SECRET = secrets.token_hex(8)
_GAP = re.compile(f"{_SECRET}-([a-z]+)-")
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
    """A part that many pages have: compressed when first needed, and kept."""

    def __init__(self, text: str) -> None:
        self.raw = text.encode()

    @lazy
    def deflated(self) -> bytes:
        """Compressed; the flush ends it at a byte."""
        packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        return packer.compress(self.raw) + packer.flush(zlib.Z_SYNC_FLUSH)


class Own:
    """A short part of one page: a stored block costs nothing to make."""

    def __init__(self, text: str) -> None:
        self.raw = text.encode()

    @property
    def deflated(self) -> bytes:
        """Header, length, its complement, the bytes."""
        size = len(self.raw)
        return struct.pack("<BHH", 0, size, size ^ 0xFFFF) + self.raw


Shape = list[Piece | str]  # pieces, and between them the names of what each page puts there


class Shown:
    """What a page shows until it changes: its ETag, and its fragment, put together when somebody needs it."""

    def __init__(
        self,
        etag: str,
        shape: Callable[[], Shape],
        own: Callable[[], Mapping[str, Part]],
        facts: Callable[[], object] | None = None,
    ) -> None:
        self.etag = etag
        self._make = shape
        self._make_own = own
        self._facts = facts

    @lazy
    def _shape(self) -> Shape:
        return self._make()

    @lazy
    def _own(self) -> Mapping[str, Part]:
        return self._make_own()

    def html(self, ticket: str) -> list[Part]:
        """The fragment with this watcher's ticket in its place."""
        own = {"ticket": Own(ticket), **self._own}
        return [own[part] if isinstance(part, str) else part for part in self._shape]

    def json(self) -> list[Part] | None:
        """The status, where the page has one."""
        return None if self._facts is None else [Piece(json.dumps(self._facts(), ensure_ascii=False))]


def gap(name: str) -> str:
    """What stands in a rendered text where something comes in later. Nobody outside can write it."""
    return f"{_SECRET}-{name}-"


def cut(text: str) -> Shape:
    """A rendered text as a shape: cut at its gaps."""
    sections = _GAP.split(text)
    return [section if place % 2 else Piece(section) for place, section in enumerate(sections)]


def plain(parts: Sequence[Part]) -> bytes:
    """The body as it is."""
    return b"".join([part.raw for part in parts])


def gzipped(parts: Sequence[Part]) -> bytes:
    """The body compressed."""
    body = plain(parts)
    end = struct.pack("<II", zlib.crc32(body), len(body))
    return b"".join([_GZIP_HEADER, *[part.deflated for part in parts], _LAST_BLOCK, end])
