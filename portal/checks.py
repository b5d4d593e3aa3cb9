"""`portal check`: health checks of the installation, a line for each part."""

import json
from collections.abc import Callable, Iterator

from portal.app import create_app
from portal.base import clock
from portal.config import Config
from portal.core.admin import backups
from portal.core.admin.troubles import troubles
from portal.core.paper import pdf
from portal.core.prescriptions import making, misprints
from portal.core.records.cleaning import virus_scan
from portal.core.signing import certificates, places, signatures
from portal.plugin_host import plugin_settings, registry
from portal.sandbox.child_process import ChildFailed, WorkFailed
from portal.server import tables
from portal.server.failures import sentence_of
from portal.store import migrator
from portal.store.db import database


class Note(str):
    """A finding worth a line but no alarm: `portal check` still succeeds."""


Problem = str | None
UNSCANNED = Note("uploads are not scanned: PORTAL_CLAMAV names no scanner")


def run_checks(config: Config) -> Iterator[tuple[str, Problem]]:
    """Yield (part, problem or None) for configuration, libraries, database, migrations, queue, worker and plugins."""
    yield "configuration", None
    yield "libraries", _try(_libraries)
    app_problem = _try(lambda: _open(config))
    yield "database", app_problem
    if app_problem:
        return
    yield "migrations", _migrations()
    yield "key", None if _migrations() else _try(tables.require_key)
    yield "queue", _try(lambda: _queue(config))
    yield "prescriptions", None if _migrations() else _stuck() or _unreported_misprints()
    yield "signing", _signing(config)
    yield "virus scanner", _try(virus_scan.ping) if virus_scan.is_on() else UNSCANNED
    yield from _running(config)
    for name in registry.discover():
        yield f"plugin {name}", _plugin(config, name)


def line(name: str, found: Problem) -> str:
    """Format the line of one part."""
    if found is None:
        return f"ok       {name}"
    return f"{'PROBLEM ' if is_problem(found) else 'note    '} {name}: {found}"


def is_problem(found: Problem) -> bool:
    """Does it need action?"""
    return found is not None and not isinstance(found, Note)


def _try(probe: Callable[[], object]) -> Problem:
    try:
        probe()
    except Exception as error:  # noqa: BLE001 report whatever is wrong
        return sentence_of(error) or f"{type(error).__name__}: {error}".splitlines()[0][:200]
    return None


def _libraries() -> None:
    pdf.printers().run(json.dumps({"html": "<p>ok</p>", "identifier": "check"}).encode())


def _open(config: Config) -> None:
    tables.open_tables(config)
    tables.wait_for_database(0)
    database.execute_sql("SELECT 1").fetchone()


def _migrations() -> Problem:
    missing = [
        f"{owner}/{name}" for owner, folder in tables.migration_owners() for name in migrator.pending(owner, folder)
    ]
    if names := tables.unknown_migrations():
        return f"unknown here: {', '.join(names)}; a newer version has made this database"
    return f"not applied yet: {', '.join(missing)}; run `portal migrate`" if missing else None


def _queue(config: Config) -> None:
    from portal.tasks import make_queue

    make_queue(config).pending_count()


def _stuck() -> Problem:
    stuck = making.stuck()
    numbers = ", ".join(f"{issued.number} ({issued.failure})" for issued in stuck[:3])
    return f"files that cannot be made: {len(stuck)}, the oldest: {numbers}" if stuck else None


def _unreported_misprints() -> Problem:
    untold = [issued for issued in misprints.misprinted() if issued.misprint_told_at is None]
    return (
        f"papers that say MG where micrograms are meant: {len(untold)}; run `portal misprints --tell`"
        if untold
        else None
    )


def _signing(config: Config) -> Problem:
    """Look at every certificate, in the process that holds their keys; troubles tell of those that run out."""
    places.install(config)
    if not places.is_on():
        return Note("prescriptions are not signed: PORTAL_SIGNING_CERTIFICATE names no certificate")
    try:
        found = signatures.describe()
    except (ChildFailed, WorkFailed) as error:
        return f"the signing process fails: {error}"
    if not _migrations():
        certificates.keep_seen(found, now=clock.now())
    return None


def _running(config: Config) -> Iterator[tuple[str, Problem]]:
    """Report the overview's findings: worker heartbeat, disk space, overdue work."""
    if _migrations():
        return
    with create_app(config).app_context():
        found = {
            trouble.part: Note(trouble.text) if trouble.is_note else trouble.text for trouble in troubles(clock.now())
        }
        age = backups.age(clock.now())
    found.setdefault("backup", Note(age or "none has been made: name a place in the settings, or type `portal backup`"))
    for part in ("worker", "disk", "store"):
        yield part, found.pop(part, None)
    yield from found.items()


def _plugin(config: Config, name: str) -> Problem:
    if _migrations() or name not in registry.enabled_names():
        return None
    with create_app(config).app_context():
        problems = plugin_settings.problems(name, registry.registry().schema(name), config.environ)
    return "; ".join(f"{key}: {text}" for key, text in problems.items()) or None
