"""Bringing files from one store to another: verified, resumable, and nothing is replaced."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from portal.base.clock import clinic_day
from portal.store.filing.current import FOLDERS, QUARANTINE
from portal.store.filing.folder import PART
from portal.store.filing.kinds import CHUNK, FileStore


class NotBrought(Exception):
    """The file is not what it should be; the message says how."""


@dataclass
class Brought:
    """Counts of a transfer: files brought now, those that were there already, deleted ones; and what failed, by key."""

    new: int = 0
    same: int = 0
    deleted: int = 0
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def problems(self) -> list[str]:
        """A sentence for each file that was not brought."""
        return [f"{what}, and stays where it is" for what in self.failed.values()]


def bring(source: FileStore, target: FileStore, key: str, sha256: str, *, now: datetime) -> bool:
    """Copy one file and read it again; False when the same is there already. Raises NotBrought or OSError.

    `sha256`: what it must be, "" for what it is at the source. Another file under its key is set aside.
    """
    wanted = sha256 or checksum(source, key)
    if wanted is None:
        raise NotBrought(f"{key} is missing")
    there = checksum(target, key)
    if there == wanted:
        return False
    if there is not None:
        target.move(key, f"{QUARANTINE}/{clinic_day(now).isoformat()}/{key}")
    try:
        with source.reading(key) as (stream, _size):
            written = target.write(key, stream)
    except FileNotFoundError:
        raise NotBrought(f"{key} is missing") from None
    if written.sha256 != wanted or checksum(target, key) != wanted:
        target.delete(key)
        raise NotBrought(f"{key} is damaged")
    return True


def move(
    source: FileStore,
    target: FileStore,
    named: Iterable[tuple[str, str]],
    *,
    delete: bool,
    now: datetime,
    told: Callable[[int], None],
) -> Brought:
    """Bring what rows name (key, SHA-256), then whatever else lies in the folders. Raises OSError of a store.

    `delete`: each file is deleted at the source once it was verified at the target. `told(files)` after each file.
    """
    brought = Brought()
    for key, sha256 in named:
        _one(source, target, key, sha256, brought, delete=delete, now=now)
        told(brought.new + brought.same)
    for key in list(_others(source, target, is_done=not delete)):
        if key in brought.failed:
            continue
        _one(source, target, key, "", brought, delete=delete, now=now)
        told(brought.new + brought.same)
    return brought


def checksum(store: FileStore, key: str) -> str | None:
    """Return the SHA-256 of a file; None when it is not there. Raises StoreDown."""
    digest = hashlib.sha256()
    try:
        with store.reading(key) as (stream, _size):
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
    except FileNotFoundError:
        return None
    return digest.hexdigest()


def _one(
    source: FileStore, target: FileStore, key: str, sha256: str, brought: Brought, *, delete: bool, now: datetime
) -> None:
    try:
        is_new = bring(source, target, key, sha256, now=now)
    except NotBrought as problem:
        brought.failed[key] = str(problem)
        return
    brought.new += is_new
    brought.same += not is_new
    if delete and source.has(key):
        source.delete(key)
        brought.deleted += 1


def _others(source: FileStore, target: FileStore, *, is_done: bool) -> Iterator[str]:
    """Yield the keys at the source; with `is_done`, without those that are at the target in the same size."""
    for each in (each for folder in (*FOLDERS, QUARANTINE) for each in source.listed(folder)):
        if each.name.endswith(PART):
            continue
        if is_done and _size(target, each.key) == each.size:
            continue
        yield each.key


def _size(store: FileStore, key: str) -> int | None:
    with suppress(FileNotFoundError), store.reading(key) as (_stream, size):
        return size
    return None
