"""File store of issued prescriptions: atomic writes, reads verified by checksum."""

from portal.base.crash import crashpoint
from portal.store.filing import current
from portal.store.kept import files as kept

FOLDER = current.PRESCRIPTIONS


def keep(name: str, content: bytes) -> str:
    """Write a file under its random name, atomically and idempotently; return its SHA-256."""
    return current.keep(f"{FOLDER}/{name}", content, lambda: crashpoint("prescriptions.before_rename"))


def discard(name: str) -> None:
    """Delete a file that no row took."""
    kept.delete(f"{FOLDER}/{name}")


def intact(name: str, sha256: str) -> bytes | None:
    """Read a file and verify its checksum; None when it is missing or damaged. Raises Unavailable."""
    return current.intact(f"{FOLDER}/{name}", sha256)
