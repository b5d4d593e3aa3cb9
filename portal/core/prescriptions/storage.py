"""Files of issued prescriptions: written whole or not at all, handed out only when not one bit has changed."""

import hashlib
import os
from pathlib import Path

from portal.base.crash import crashpoint
from portal.store import private
from portal.store.private import make_folder, name_whole

_folder = Path("prescriptions")


def install(data_dir: Path) -> None:
    """Say where prescriptions are kept (the application factory does)."""
    global _folder
    _folder = data_dir / "prescriptions"


def keep(name: str, content: bytes) -> str:
    """Write a file under its random name; the answer is its SHA-256. Doing it again writes the same file."""
    make_folder(_folder)
    partial = _folder / f"{name}.part"
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    crashpoint("prescriptions.before_rename")
    name_whole(partial, _folder / name)
    return hashlib.sha256(content).hexdigest()


def intact(name: str, sha256: str) -> bytes | None:
    """The file's bytes while they are still those that were issued, else None."""
    return private.intact(_folder / name, sha256)
