"""The key ring: one subkey per purpose (HKDF) from each secret, so that no key has two uses.

signed.py signs texts, sealed.py encrypts secrets; both use the newest key and still accept the older ones.
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
    """Set the deployment's secret key (the application factory does).

    Several, separated by commas, for key rotation: the first makes everything new, the others still verify and
    decrypt, until `portal rekey` has re-encrypted everything and they are removed.
    """
    global _secrets
    _secrets = tuple(part.strip().encode() for part in secret_key.split(",") if part.strip())
    subkeys.cache_clear()


@lru_cache(maxsize=64)
def subkeys(purpose: str) -> tuple[bytes, ...]:
    """Derive 32 bytes for one purpose from each secret, the newest first. Raises RuntimeError before install()."""
    if not _secrets:
        raise RuntimeError("keys.install() was not called")
    return tuple(
        HKDF(hashes.SHA256(), 32, salt=b"paramarsh", info=purpose.encode()).derive(secret) for secret in _secrets
    )


def subkey(purpose: str) -> bytes:
    """Return the newest 32-byte key for one purpose."""
    return subkeys(purpose)[0]


def sign(purpose: str, message: bytes) -> bytes:
    """Compute the HMAC-SHA256 of a message with the purpose's newest key."""
    return hmac.digest(subkey(purpose), message, "sha256")


def signatures(purpose: str, message: bytes) -> list[bytes]:
    """Compute the HMAC-SHA256 of a message with each key of the purpose, the newest first."""
    return [hmac.digest(key, message, "sha256") for key in subkeys(purpose)]


def matches(purpose: str, message: bytes, signature: bytes) -> bool:
    """Verify a signature, possibly truncated, against every key of the purpose, in constant time."""
    own = [made[: len(signature)] for made in signatures(purpose, message)]
    return len(signature) >= SHORTEST_MAC and any(hmac.compare_digest(made, signature) for made in own)


def seal(purpose: str, message: bytes) -> str:
    """Sign with the newest key, as the hex digits that a row stores."""
    return sign(purpose, message).hex()


def is_seal(purpose: str, message: bytes, given: str) -> bool:
    """Verify a stored seal against every key of the purpose; False for what is no hex."""
    try:
        return matches(purpose, message, bytes.fromhex(given))
    except ValueError:
        return False


def fingerprint(secret: str) -> str:
    """Hash a random secret (SHA-256 hex): the database stores this instead of it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def random_uid() -> str:
    """Make 22 url-safe characters (128 random bits), never beginning with '-', so that it can be an argument."""
    uid = secrets.token_urlsafe(16)
    return uid if uid[0] != "-" else random_uid()
