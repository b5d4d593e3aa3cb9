"""One secret, one subkey per purpose (HKDF), so that no key serves two ends."""

import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_secret: bytes = b""


def install(secret_key: str) -> None:
    """Set the deployment's secret (the application factory does)."""
    global _secret
    _secret = secret_key.encode()
    subkey.cache_clear()


@lru_cache(maxsize=64)
def subkey(purpose: str) -> bytes:
    """32 bytes for one purpose. Raises RuntimeError before install()."""
    if not _secret:
        raise RuntimeError("keys.install() was not called")
    return HKDF(hashes.SHA256(), 32, salt=b"paramarsh", info=purpose.encode()).derive(_secret)


def sign(purpose: str, message: bytes) -> bytes:
    """HMAC-SHA256 of a message with the purpose's key."""
    return hmac.new(subkey(purpose), message, hashlib.sha256).digest()


def matches(purpose: str, message: bytes, signature: bytes) -> bool:
    """Is this the signature of the message? In constant time."""
    return hmac.compare_digest(sign(purpose, message), signature)


def fingerprint(secret: str) -> str:
    """SHA-256 hex of a random secret: what the database keeps instead of it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def random_uid() -> str:
    """22 url-safe characters, 128 random bits. Never begins with '-' so that it can stand in a command line."""
    uid = secrets.token_urlsafe(16)
    return uid if uid[0] != "-" else random_uid()
