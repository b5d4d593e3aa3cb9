"""File store of issued prescriptions: atomic writes, reads verified by checksum."""

from pathlib import Path

from portal.base.crash import crashpoint
from portal.store import private
from portal.store.kept import files as kept

_folder = Path("prescriptions")


def install(data_dir: Path) -> None:
    """Set the data folder (the application factory does)."""
    global _folder
    _folder = data_dir / "prescriptions"


def keep(name: str, content: bytes) -> str:
    """Write a file under its random name, atomically and idempotently; return its SHA-256."""
    return private.keep(_folder / name, content, lambda: crashpoint("prescriptions.before_rename"))


def discard(name: str) -> None:
    """Delete a file that no row took."""
    kept.delete(_folder / name)


def folder() -> Path:
    """Return the folder of the files."""
    return _folder


def intact(name: str, sha256: str) -> bytes | None:
    """Read a file and verify its checksum; None when it is missing or damaged."""
    return private.intact(_folder / name, sha256)
