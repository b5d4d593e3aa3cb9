"""Texts that carry our signature, of one ring of keys: the newest signs, and what the older ones signed still counts.

`write` and `read` for values that travel, `mark` and `is_mark` where only the signature does, `pack` and `unpack` for
short texts that are read ten thousand times a second (1.7 against 12 µs) or typed into a text message.
"""

import base64
import hashlib
import re
from functools import lru_cache
from typing import Any

from itsdangerous import BadData, Signer, URLSafeSerializer

from portal.base import keys

MAC_BYTES = 16
OLD_MARK = re.compile("[0-9a-f]{32}")  # how known devices were marked at first; their cookies live for half a year
_options: dict[str, Any] = {
    "key_derivation": "none",
    "digest_method": hashlib.sha256,
}  # the subkey of a purpose is derived already


def write(purpose: str, *parts: str) -> str:
    """These parts with a signature, as one text for an address or a cookie. Everybody can read them."""
    return str(_serializer(keys.subkeys(purpose)).dumps(parts))


def read(purpose: str, text: str) -> tuple[str, ...] | None:
    """The parts, or None when none of our keys signed exactly this text."""
    _body, _dot, signature = text.rpartition(".")
    if not _is_spelt_as_we_do(signature):
        return None
    try:
        return tuple(_serializer(keys.subkeys(purpose)).loads(text))
    except BadData:
        return None


def mark(purpose: str, text: str, length: int = 43) -> str:
    """The signature of a text that stands elsewhere: so many characters of it."""
    return _signer(keys.subkeys(purpose)).get_signature(text).decode()[:length]


def is_mark(purpose: str, given: str, text: str) -> bool:
    """Is this the mark of the text, by any of our keys? In constant time."""
    if OLD_MARK.fullmatch(given) and keys.matches(purpose, text.encode(), bytes.fromhex(given)):
        return True
    return _is_spelt_as_we_do(given) and keys.matches(purpose, text.encode(), _decoded(given))


def pack(purpose: str, text: str) -> str:
    """A text behind its signature of 22 characters."""
    return _encoded(keys.sign(purpose, text.encode())[:MAC_BYTES] + text.encode())


def unpack(purpose: str, packed: str) -> str | None:
    """The text, or None when none of our keys signed it, or it is spelt otherwise than we do."""
    if not _is_spelt_as_we_do(packed):
        return None
    raw = _decoded(packed)
    is_ours = len(raw) > MAC_BYTES and keys.matches(purpose, raw[MAC_BYTES:], raw[:MAC_BYTES])
    return raw[MAC_BYTES:].decode() if is_ours else None


@lru_cache(maxsize=64)
def _signer(ring: tuple[bytes, ...]) -> Signer:
    """itsdangerous signs with the last of its keys, and our newest stands first."""
    return Signer(list(reversed(ring)), **_options)


@lru_cache(maxsize=64)
def _serializer(ring: tuple[bytes, ...]) -> URLSafeSerializer:
    return URLSafeSerializer(list(reversed(ring)), signer_kwargs=_options)


def _is_spelt_as_we_do(text: str) -> bool:
    """Base64 has several spellings of the same bytes: a ticket that is good once must not be good in each."""
    try:
        return bool(text) and _encoded(_decoded(text)) == text
    except ValueError:
        return False


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
