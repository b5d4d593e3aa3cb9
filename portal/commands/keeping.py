"""What the commands `portal backup` and `portal restore` do, with the whole application at hand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask

from portal.base import clock
from portal.config import Config
from portal.keeping import generation, making, postgres, restoring
from portal.keeping.archive import Damaged
from portal.keeping.generation import Lost
from portal.keeping.making import Made, Told
from portal.keeping.manifest import Manifest, Unusable
from portal.keeping.models import Backup
from portal.keeping.places import Place
from portal.server import listening, tables
from portal.store import migrator
from portal.store.db import close_database, database, is_sqlite
from portal.store.kept.files import KEPT
from portal.work import audit, audit_chain, audit_published
from portal.work.audit import SYSTEM

ALIVE = timedelta(seconds=20)
ROWS = "SELECT count(*) FROM audit_row"


@dataclass(frozen=True)
class Wanted:
    """How to restore. `create_app` makes the application, whose background modules are loaded already.

    `folders`: other nodes' marks; `skip`: by how much numbers rise when there are no marks."""

    set_aside: bool
    dry_run: bool
    skip: int | None
    folders: tuple[Path, ...]
    create_app: Callable[[Config], Flask]


def back_up(place: Place, config: Config, *, passphrase: str | None, verify: bool, told: Told) -> tuple[Made, str]:
    """Make a backup, verify it, and put it on record. Returns it and why it does not count as verified, or "".

    Raises Damaged or Unusable. Ends with the database open as it was.
    """
    config = config.past_pool()
    applied = {owner: migrator.runner(owner, folder).applied() for owner, folder in tables.migration_owners()}
    migrations = {owner: sorted(names) for owner, names in applied.items()}
    made = making.make_backup(place, config=config, migrations=migrations, passphrase=passphrase, told=told)
    problem, note = _verified(place, config, told) if verify else ("it was not asked for", "")
    now = clock.now()
    tables.open_tables(config)
    row = Backup.create(
        taken_at=made.manifest.taken_at,
        finished_at=now,
        place=place.name[-300:],
        size=made.size,
        files=made.manifest.files,
        verified=not problem,
        problem=" ".join([*made.remarks[:3], problem])[:300].strip(),
    )
    audit.note("BackupMade", str(row.id), by=SYSTEM, now=now, head=made.manifest.audit_head, verified=not problem)
    return replace(made, note=note), problem


def restore(place: Place, config: Config, origin: Config, wanted: Wanted, *, now: datetime) -> Iterator[str]:
    """Restore a backup, and yield a line for each thing to know.

    Raises Damaged, Unusable or ConfigError, and then has changed nothing.

    `origin`: the place that PORTAL_DATA_DIR names; its marks count also when another place is restored to.
    """
    config, origin = config.past_pool(), origin.past_pool()
    if not restoring.is_empty(config):
        _require_aside(config, wanted)
    places = [config] if origin == config else [config, origin]
    told = restoring.told_numbers(places, wanted.folders)
    rows = [int(row[0]) for place in places for row in restoring.look(place, ROWS)]
    known = {owner: migrator.names(folder) for owner, folder in tables.migration_owners()}
    with place.reading() as stream, restoring.staged(stream, config, known) as (folder, manifest, remarks):
        if not told and not rows:
            told = _without_marks(manifest, wanted, now)
        yield f"The backup is whole: taken {manifest.taken_at:%Y-%m-%d %H:%M} UTC by version {manifest.portal}."
        yield from (f"It says itself: {remark}." for remark in remarks)
        yield from _after_the_cut(max(rows, default=0), manifest, generation.lost_since(manifest, told))
        if wanted.dry_run:
            yield from _tried(config, folder, wanted, manifest, told, now)
            return
        yield from _restored(config, folder, wanted, manifest, told, now)


def _verified(place: Place, config: Config, told: Told) -> tuple[str, str]:
    """Return what is wrong, and what could not be done."""
    try:
        return "", making.verify(place, config=config, told=told)
    except (Damaged, Unusable) as error:
        return str(error), ""
    finally:
        close_database()


def _require_aside(config: Config, wanted: Wanted) -> None:
    """Raise Unusable or ConfigError unless what is there may be set aside, and nobody works with it."""
    if not wanted.set_aside and not wanted.dry_run:
        raise Unusable(
            f"{config.data_dir} or its database is not empty. Say --set-aside, and what is there is kept beside the "
            "restored, whole; or name an empty folder with --data-dir."
        )
    if wanted.dry_run:
        return
    listening.require_free(config)
    newest = restoring.look(config, "SELECT max(beat_at) FROM worker")
    beat = newest[0][0] if newest else None
    beat = datetime.fromisoformat(beat) if isinstance(beat, str) else beat
    if beat is not None and clock.now().replace(tzinfo=None) - beat < ALIVE:
        raise Unusable(
            "The worker is running, or was killed a moment ago. Stop it, wait for 20 seconds, and try again."
        )


def _without_marks(manifest: Manifest, wanted: Wanted, now: datetime) -> dict[str, int]:
    if wanted.skip is None:
        raise Unusable(
            "There are no marks of the numbers that were told since this backup (the folder `marks` of the old data "
            "folder, or PORTAL_MARKS). Name the folder with --marks; if it is lost, say --skip 1000, so that every "
            "number is raised by so many and none is given twice."
        )
    return generation.skipped(manifest, wanted.skip, now)


def _after_the_cut(rows: int, manifest: Manifest, lost: list[Lost]) -> Iterator[str]:
    """Say what happened after the backup, by the rows of the place's audit log and by the marks."""
    since = rows - int(manifest.audit_head.split(":")[0])
    if since > 0:
        yield f"After it, {since} recorded actions happened that are not in it."
    for each in lost:
        yield f"Told after it and not given again: {each.series} {each.first} to {each.last}."
    if not lost and since <= 0:
        yield "Nothing is known to have happened after it."


def _tried(
    config: Config, folder: Path, wanted: Wanted, manifest: Manifest, told: dict[str, int], now: datetime
) -> Iterator[str]:
    """Try all of it but the last step."""
    if config.is_sqlite:
        yield from _made_usable(_inside(config, folder), wanted, manifest, told, now)
    else:
        postgres.require_readable(folder / manifest.database)
    yield "This was a dry run: nothing was changed."


def _restored(
    config: Config, folder: Path, wanted: Wanted, manifest: Manifest, told: dict[str, int], now: datetime
) -> Iterator[str]:
    aside = "" if config.is_sqlite or not postgres.tables(config.database_url) else f"before_{now:%Y%m%dt%H%M%S}"
    if not config.is_sqlite:
        postgres.load(config.database_url, folder / manifest.database, aside=aside)
    try:
        yield from _made_usable(_inside(config, folder), wanted, manifest, told, now)
        (folder / manifest.database).unlink() if not config.is_sqlite else None
        if config.store_url:
            yield from restoring.bring_files(folder, config, now=now)
        kept = restoring.take_place(folder, config, now)
    except BaseException:
        if not config.is_sqlite:
            close_database()
            postgres.put_back(config.database_url, aside)
        raise
    if kept:
        yield f"What was there before is in {kept}."
    if aside:
        yield f"The tables from before are in the schema {aside}."
    yield "Restored. Everybody signs in again. Start web and worker, and look at the overview."


def _inside(config: Config, folder: Path) -> Config:
    """Return the configuration of the unpacked folder, before it takes the place."""
    url = f"sqlite:///{folder / 'portal.db'}" if config.is_sqlite else config.database_url
    return replace(config, data_dir=folder, database_url=url, marks=folder / "marks")


def _made_usable(
    staged: Config, wanted: Wanted, manifest: Manifest, told: dict[str, int], now: datetime
) -> Iterator[str]:
    """Migrate the unpacked database, check key, audit chain and files, and begin the new generation."""
    try:
        for step in tables.migrate(staged):
            if not isinstance(step, str):
                yield f"Migrated: {step}"
        with wanted.create_app(staged).app_context():
            tables.require_key()
            yield from audit_chain.verify(audit_published.heads_in(manifest.audit_head))
            yield from _missing(staged)
            generation.begin(manifest, told, now=now)
            if is_sqlite():
                database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        close_database()


def _missing(staged: Config) -> Iterator[str]:
    for kept in KEPT:
        for name, _sha256 in database.execute_sql(kept.query).fetchall():
            if not (staged.data_dir / kept.folder / name).exists():
                yield f"Not in the backup: {kept.folder}/{name}."
