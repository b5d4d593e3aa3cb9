"""The file of a backup: a tar that `tar`, `sha256sum`, `sqlite3` and `pg_restore` alone can take apart.

In this order: `manifest.json` (what is inside), `README.txt`, the database (`portal.db` or `portal.pgdump`),
`key.json` where the key is in it, the files under their folders, and `SHA256SUMS` over all of these. What ends without
the last is not whole. Everything streams: nothing but a chunk is ever in memory, and the archive need not be seekable.
"""

import hashlib
import io
import os
import re
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Protocol

from portal.base.errors import PortalError
from portal.keeping.manifest import Manifest

MANIFEST, README, SUMS = "manifest.json", "README.txt", "SHA256SUMS"
NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?", re.ASCII)
CHUNK = 256 * 1024
FOREIGN = "This file is no backup of the portal, or it was cut short: {reason}."


class Damaged(PortalError):
    """The archive is foreign, cut short or changed; the message is for the operator."""


class Output(Protocol):
    """What an archive is written to: a file, or an upload."""

    def write(self, data: bytes, /) -> object:
        """Append."""


class _Hashed:
    """Reads a file, and hashes what was read."""

    def __init__(self, file: IO[bytes], told: Callable[[int], None]) -> None:
        self._file, self._told, self.sha256 = file, told, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read, hash, and tell how much."""
        chunk = self._file.read(size)
        self.sha256.update(chunk)
        self._told(len(chunk))
        return chunk


class Writer:
    """Writes members one after the other; `finish` adds the checksums; without them it is not whole."""

    def __init__(self, output: Output, at: datetime, *, told: Callable[[int], None]) -> None:
        self._tar = tarfile.open(fileobj=output, mode="w|", format=tarfile.PAX_FORMAT)  # type: ignore[call-overload]  # noqa: SIM115
        self._told, self._at, self._sums = told, at, tempfile.TemporaryFile()  # noqa: SIM115 closed in `__exit__`

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_error: object) -> None:
        self._sums.close()
        with suppress(OSError):
            self._tar.close()

    def add_text(self, name: str, text: str) -> None:
        """Add a short member."""
        content = text.encode()
        self.add(name, io.BytesIO(content), len(content))

    def add_file(self, name: str, path: Path) -> str:
        """Add a file; return its SHA-256. Raises OSError when it is missing or cannot be read."""
        with path.open("rb") as file:
            return self.add(name, file, os.fstat(file.fileno()).st_size)

    def finish(self, remarks: list[str]) -> None:
        """Add the checksums, and as comments what is missing or damaged."""
        self._sums.write("".join(f"# {remark}\n" for remark in remarks).encode())
        size = self._sums.tell()
        self._sums.seek(0)
        self._tar.addfile(self._member(SUMS, size), self._sums)
        self._tar.close()

    def add(self, name: str, file: IO[bytes], size: int) -> str:
        """Add so many bytes of a stream; return their SHA-256. Raises OSError when it ends before."""
        hashed = _Hashed(file, self._told)
        self._tar.addfile(self._member(name, size), hashed)
        self._sums.write(f"{hashed.sha256.hexdigest()}  {name}\n".encode())
        return hashed.sha256.hexdigest()

    def _member(self, name: str, size: int) -> tarfile.TarInfo:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, int(self._at.timestamp())
        return info


def extract(
    stream: IO[bytes],
    folder: Path,
    *,
    accept: Callable[[Manifest], None] = lambda manifest: None,
    wanted: Callable[[str], bool] = lambda name: True,
    told: Callable[[int], None] = lambda size: None,
) -> tuple[Manifest, list[str]]:
    """Verify an archive, and extract the wanted members into an empty folder. Returns manifest and remarks.

    `accept` raises for a manifest that cannot be used, before anything else is read. Raises Damaged.
    """
    manifest: Manifest | None = None
    with _translated(), tarfile.open(fileobj=stream, mode="r|") as tar, tempfile.TemporaryFile() as sums:
        for member in tar:
            content = tar.extractfile(member) if member.isreg() and NAME.fullmatch(member.name) else None
            if content is None or (manifest is None) != (member.name == MANIFEST):
                raise Damaged(FOREIGN.format(reason=f"it begins with or holds {member.name!r}"))
            if manifest is None:
                text = content.read(1024 * 1024)
                manifest = Manifest.parse(text)
                accept(manifest)
                content = io.BytesIO(text)
            if member.name == SUMS:
                return manifest, _compare(content, sums)
            target = folder / member.name if wanted(member.name) else None
            sums.write(f"{_copy(content, target, told)}  {member.name}\n".encode())
    raise Damaged(FOREIGN.format(reason=f"{SUMS}, its last part, is missing"))


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError, UnicodeDecodeError) as error:
        raise Damaged(FOREIGN.format(reason=str(error) or type(error).__name__)) from error


def _copy(content: IO[bytes], target: Path | None, told: Callable[[int], None]) -> str:
    """Read a member to its end, into a new file where wanted; return its SHA-256."""
    hashed = _Hashed(content, told)
    if target is None:
        while hashed.read(CHUNK):
            pass
        return hashed.sha256.hexdigest()
    target.parent.mkdir(exist_ok=True)
    with target.open("xb") as file:
        while chunk := hashed.read(CHUNK):
            file.write(chunk)
    return hashed.sha256.hexdigest()


def _compare(told: IO[bytes], found: IO[bytes]) -> list[str]:
    """Compare the archive's checksums, line by line, with those of what was read; return its comments."""
    found.seek(0)
    for line in found:
        if told.readline() != line:
            name = line.decode().split("  ", 1)[1].strip()
            raise Damaged(f"{name} in this backup is damaged: it does not have the checksum that was noted.")
    rest = told.read().decode().splitlines()
    if any(not line.startswith("# ") for line in rest):
        raise Damaged(FOREIGN.format(reason="parts that its checksums name are missing"))
    return [line.removeprefix("# ") for line in rest]
