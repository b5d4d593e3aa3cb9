"""Making a backup: cut, archive, verify. Everybody works on meanwhile."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from portal.base import clock
from portal.config import Config
from portal.keeping import archive, postgres, sealed_key
from portal.keeping.cut import Cut, cut
from portal.keeping.manifest import FORMAT, Manifest, Unusable
from portal.keeping.places import Place
from portal.store.db import database, open_database
from portal.store.filing import current
from portal.store.filing.kinds import StoreDown
from portal.store.kept.files import KEPT, Busy, held
from portal.work import audit_chain, audit_published

README_TEXT = """A backup of Paramarsh, taken at {taken_at:%Y-%m-%d %H:%M} UTC.

To see that it is whole:     tar xf THIS.tar && sha256sum -c SHA256SUMS
The database alone:          {way}
To restore it:               portal restore THIS.tar
"""
WAYS = {
    "sqlite": "sqlite3 portal.db .tables",
    "postgresql": "createdb copy && pg_restore --no-owner -d copy portal.pgdump",
}
A_DAY = 86400.0  # seconds
SPARE = 50 * 1024 * 1024  # bytes of the disk that a backup leaves free


@dataclass(frozen=True)
class Told:
    """Whom to tell of the progress: (what, done, of all)."""

    progress: Callable[[str, int, int], None]


@dataclass(frozen=True)
class Made:
    """A backup: its manifest, its size in bytes, and sentences about what is missing or damaged in it.

    `source`: the address of the store whose files are in it; `note`: what its verification could not do here.
    """

    manifest: Manifest
    size: int
    remarks: list[str]
    source: str
    note: str = ""


def make_backup(
    place: Place, *, config: Config, migrations: dict[str, list[str]], passphrase: str | None, told: Told
) -> Made:
    """Write one backup, under its final name only when it is whole. `passphrase` None leaves the key out.

    Raises Unusable with a sentence, leaving nothing behind; a file that is missing or damaged is remarked instead.
    """
    key = None if passphrase is None else sealed_key.seal(config.secret_key, passphrase)
    try:
        with held(), _scratch(config, "backup-cut-") as scratch:
            _require_room(config)
            with cut(
                config.database_url, Path(scratch), lambda done, all_: told.progress("database", done, all_)
            ) as taken:
                return _write(place, taken, key, config, migrations, told)
    except Busy:
        raise Unusable("Another backup is being made here; wait for its end.") from None
    except StoreDown as error:
        raise Unusable(f"The files cannot be read: {error}.") from error
    except sqlite3.Error as error:
        raise Unusable(f"The database could not be copied: {error}.") from error


def verify(place: Place, *, config: Config, told: Told) -> str:
    """Read a backup from its place, open its database alone and audit it. Returns what could not be done, or "".

    Raises Damaged or Unusable when something is wrong. The models' database is another one meanwhile.
    """
    with _scratch(config, "backup-verify-") as scratch, place.reading() as stream:
        folder, done = Path(scratch), _Sum(lambda total: told.progress("verify", total, 0))
        found, _remarks = archive.extract(stream, folder, wanted=lambda name: name.startswith("portal."), told=done)
        file = folder / found.database
        if found.engine == "postgresql":
            return _audit_dump(config, file, found)
        _require_sound(file)
        _audit(f"sqlite:///{file}", found)
    return ""


def _write(
    place: Place, taken: Cut, key: str | None, config: Config, migrations: dict[str, list[str]], told: Told
) -> Made:
    manifest = Manifest(
        format=FORMAT,
        portal=version("paramarsh"),
        engine=taken.engine,
        taken_at=taken.taken_at,
        generation=taken.one("SELECT coalesce(max(id), 0) FROM generation"),
        migrations=migrations,
        rows=taken.rows(),
        files=sum(taken.one(f"SELECT count(*) FROM ({kept.query}) AS kept") for kept in KEPT),  # noqa: S608 the code's
        numbers=taken.numbers(),
        audit_head=str(_head(taken)),
        has_key=key is not None,
    )
    size, remarks = _Sum(lambda total: None), []
    with place.writing() as output, archive.Writer(output, taken.taken_at, told=size) as made:
        made.add_text(archive.MANIFEST, manifest.model_dump_json(indent=1))
        made.add_text(archive.README, README_TEXT.format(taken_at=taken.taken_at, way=WAYS[taken.engine]))
        made.add_file(manifest.database, taken.file)
        if key is not None:
            made.add_text(sealed_key.MEMBER, key)
        for number, (name, sha256) in enumerate(_files(taken)):
            told.progress("files", number + 1, manifest.files)
            remarks += _add(made, name, sha256)
        made.finish(remarks)
    return Made(manifest, size.total, remarks, current.store().address)


def _head(taken: Cut) -> audit_published.Head:
    """Return the head of the audit log of a cut."""
    (before,) = taken.ask("SELECT rows, hash FROM audit_head WHERE id = 1")
    shards = taken.ask("SELECT number, rows, hash FROM audit_shard ORDER BY number")
    return audit_published.head_of(tuple(before), [tuple(shard) for shard in shards])


def _files(taken: Cut) -> Iterator[tuple[str, str]]:
    """Yield the path below the data folder, and the checksum, of each file that a row of the cut names."""
    for kept in KEPT:
        yield from ((f"{kept.folder}/{name}", sha256) for name, sha256 in taken.ask(kept.query))


def _add(made: archive.Writer, name: str, sha256: str) -> list[str]:
    """Add a file; return a remark when it is missing, or is not what its row says: then it is added as it is."""
    try:
        with current.store().reading(name) as (stream, size):
            found = made.add(name, stream, size)
    except FileNotFoundError:
        return [f"{name} is missing"]
    return [] if found == sha256 else [f"{name} is damaged"]


def _scratch(config: Config, prefix: str) -> "tempfile.TemporaryDirectory[str]":
    """Make a folder in the data folder for a while; delete what a killed process left of the day before or earlier."""
    for left in config.data_dir.glob(f"{prefix}*"):
        with suppress(OSError):
            if clock.now().timestamp() - left.stat().st_mtime > A_DAY:
                shutil.rmtree(left)
    return tempfile.TemporaryDirectory(prefix=prefix, dir=config.data_dir)


def _require_room(config: Config) -> None:
    """Raise Unusable unless the database fits once more into the data folder."""
    path = config.sqlite_path
    if path is None:
        return
    needed, free = path.stat().st_size + SPARE, shutil.disk_usage(config.data_dir).free
    if free < needed:
        raise Unusable(f"The disk has {free >> 20} MB left; the copy of the database needs {needed >> 20} MB.")


def _require_sound(file: Path) -> None:
    """Let SQLite check every page and every reference of the copy."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as copy:
        found = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        broken = copy.execute("PRAGMA foreign_key_check").fetchone()
    if found != "ok" or broken:
        raise archive.Damaged(f"The database in this backup is damaged: {found if found != 'ok' else broken}.")


def _audit_dump(config: Config, file: Path, found: Manifest) -> str:
    """Restore a dump into a database of its own on the same server, and audit that."""
    with postgres.scratch_database(config.database_url) as url:
        if url is None:
            postgres.require_readable(file)
            return "its database was read but not restored: this account may not create databases"
        postgres.load(url, file)
        _audit(url, found)
    return ""


def _audit(url: str, found: Manifest) -> None:
    """Verify the audit chain of another database, and count its rows. Raises Damaged."""
    with _opened(url):
        breaks = list(audit_chain.verify(audit_published.heads_in(found.audit_head)))
        rows = {name: database.execute_sql(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in found.rows}  # noqa: S608
    if breaks:
        raise archive.Damaged(f"The audit log in this backup is not intact: {breaks[0]}")
    if rows != found.rows:
        raise archive.Damaged("The database in this backup does not have the rows that its manifest counts.")


@contextmanager
def _opened(url: str) -> Iterator[None]:
    """Connect the models to another database for the block, and to none afterwards."""
    real = open_database(url)
    try:
        yield
    finally:
        real.close()
        if not url.startswith("sqlite"):
            real.close_all()  # type: ignore[attr-defined]


class _Sum:
    """Adds up sizes, and tells the sum."""

    def __init__(self, told: Callable[[int], None]) -> None:
        self.total, self._told = 0, told

    def __call__(self, size: int) -> None:
        self.total += size
        self._told(self.total)
