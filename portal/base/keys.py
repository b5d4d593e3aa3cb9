"""The key ring: one subkey per purpose (HKDF) from each secret, so that no key serves two ends.

Texts are signed in signed.py, secrets sealed in sealed.py; both take the newest key, and know the older ones.
"""

import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SHORTEST_MAC = 12
_secrets: tuple[bytes, ...] = ()


def install(secret_key: str) -> None:
    """Set the deployment's secret (the application factory does).

    Several, parted by commas: the first makes everything new, the others still open what they made, until
    `portal rekey` has written it anew and they are taken away.
    """
    global _secrets
    _secrets = tuple(part.strip().encode() for part in secret_key.split(",") if part.strip())
    subkeys.cache_clear()


@lru_cache(maxsize=64)
def subkeys(purpose: str) -> tuple[bytes, ...]:
    """32 bytes for one purpose from each secret, the newest first. Raises RuntimeError before install()."""
    if not _secrets:
        raise RuntimeError("keys.install() was not called")
    return tuple(
        HKDF(hashes.SHA256(), 32, salt=b"paramarsh", info=purpose.encode()).derive(secret) for secret in _secrets
    )


def subkey(purpose: str) -> bytes:
    """The newest 32 bytes for one purpose."""
    return subkeys(purpose)[0]


def sign(purpose: str, message: bytes) -> bytes:
    """HMAC-SHA256 of a message with the purpose's newest key."""
    return hmac.digest(subkey(purpose), message, "sha256")


def signatures(purpose: str, message: bytes) -> list[bytes]:
    """The HMAC-SHA256 of a message with each key of the purpose, the newest first."""
    return [hmac.digest(key, message, "sha256") for key in subkeys(purpose)]


def matches(purpose: str, message: bytes, signature: bytes) -> bool:
    """Is this the signature of the message, or its beginning, by any of the keys? In constant time."""
    own = [made[: len(signature)] for made in signatures(purpose, message)]
    return len(signature) >= SHORTEST_MAC and any(hmac.compare_digest(made, signature) for made in own)


def fingerprint(secret: str) -> str:
    """SHA-256 hex of a random secret: what the database keeps instead of it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def random_uid() -> str:
    """22 url-safe characters, 128 random bits. Never begins with '-' so that it can stand in a command line."""
    uid = secrets.token_urlsafe(16)
    return uid if uid[0] != "-" else random_uid()
