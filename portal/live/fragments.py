"""Fragments in parts: what pages share is rendered and compressed once, the rest inserted at placeholders.

A gzip body is one stream of deflate blocks: separately compressed and stored (uncompressed) blocks may follow one
another, and only the checksum covers them all. (decision 0008)
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
_PLACEHOLDER = re.compile(f"{_SECRET}-([a-z]+)-")
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LAST_BLOCK = b"\x03\x00"


class Part(Protocol):
    """Some bytes, raw and as deflate blocks."""

    @property
    def raw(self) -> bytes:
        """The uncompressed bytes."""

    @property
    def deflated(self) -> bytes:
        """Whole deflate blocks that end at a byte boundary and refer to nothing before them."""


class SharedPart:
    """A part that many pages share: compressed on first use, then cached."""

    def __init__(self, text: str) -> None:
        self.raw = text.encode()

    @lazy
    def deflated(self) -> bytes:
        """Compress; the sync flush ends at a byte boundary."""
        packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        return packer.compress(self.raw) + packer.flush(zlib.Z_SYNC_FLUSH)


class OwnPart:
    """A short part of one page, as a stored block: not worth compressing."""

    def __init__(self, text: str) -> None:
        self.raw = text.encode()

    @property
    def deflated(self) -> bytes:
        """Pack a stored block: header, length, its complement, the bytes (RFC 1951, 3.2.4)."""
        size = len(self.raw)
        return struct.pack("<BHH", 0, size, size ^ 0xFFFF) + self.raw


Skeleton = list[SharedPart | str]  # shared parts, and the names of placeholders between them


class LiveFragment:
    """A live page until it changes: its ETag, and its body, built lazily."""

    def __init__(
        self,
        etag: str,
        skeleton: Callable[[], Skeleton],
        own: Callable[[], Mapping[str, Part]],
        facts: Callable[[], object] | None = None,
    ) -> None:
        self.etag = etag
        self._make = skeleton
        self._make_own = own
        self._facts = facts

    @lazy
    def _skeleton(self) -> Skeleton:
        return self._make()

    @lazy
    def _own(self) -> Mapping[str, Part]:
        return self._make_own()

    def html(self, ticket: str) -> list[Part]:
        """Fill the placeholders, the reader's ticket among them."""
        own = {"ticket": OwnPart(ticket), **self._own}
        return [own[part] if isinstance(part, str) else part for part in self._skeleton]

    def json(self) -> list[Part] | None:
        """Return the status, None where the page has none."""
        return None if self._facts is None else [SharedPart(json.dumps(self._facts(), ensure_ascii=False))]


def placeholder(name: str) -> str:
    """Return the marker of a placeholder. It holds a secret, so user text cannot forge one."""
    return f"{_SECRET}-{name}-"


def split(text: str) -> Skeleton:
    """Split a rendered text at its placeholders."""
    sections = _PLACEHOLDER.split(text)
    return [section if place % 2 else SharedPart(section) for place, section in enumerate(sections)]


def plain(parts: Sequence[Part]) -> bytes:
    """Join the uncompressed body."""
    return b"".join([part.raw for part in parts])


def gzipped(parts: Sequence[Part]) -> bytes:
    """Join the gzip body from the parts' deflate blocks."""
    body = plain(parts)
    end = struct.pack("<II", zlib.crc32(body), len(body))
    return b"".join([_GZIP_HEADER, *[part.deflated for part in parts], _LAST_BLOCK, end])
