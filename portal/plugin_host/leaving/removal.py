"""What becomes of a plugin's data when it is removed: kept, written to files, or deleted.

By command alone. Programs are installed and removed by whoever has the server: a web process that could do it would let
anybody with an administrator's session run code of their own.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from portal.base.errors import Conflict, NotFound
from portal.base.language import gettext as _
from portal.plugin_host.capabilities import in_use
from portal.plugin_host.changes import settings_shown
from portal.plugin_host.leaving.tables import tables_of
from portal.plugin_host.models import HookCount, PluginHealth, PluginState, bump_revision
from portal.plugin_host.needs import package_of
from portal.plugin_host.registry import registry
from portal.settings.schema import is_secret
from portal.store.csv_file import csv_line
from portal.store.db import database, is_sqlite, write
from portal.store.migrator import SchemaStep
from portal.store.private import keep, make_folder
from portal.work import audit
from portal.work.audit import Actor


def require_removable(name: str) -> None:
    """Raise NotFound for no plugin, Conflict for one of the portal's own, one that is on, or has calls open."""
    if name not in registry().installed:
        raise NotFound(_("There is no plugin of this name."))
    if not package_of(name):
        raise Conflict(_("It comes with the portal and is updated with it. It can be switched off, not removed."))
    if registry().is_on(name) or in_use(name):
        raise Conflict(_("Switch it off first, and let its open calls end."))


def export(name: str, folder: Path, *, by: Actor, now: datetime) -> Iterator[Path]:
    """Write each table as CSV, and the settings without secrets; encrypted columns stay encrypted. Yields the files."""
    require_removable(name)
    make_folder(folder)
    schema = registry().schema(name)
    settings = {key: text for key, text in settings_shown(name).items() if not is_secret(schema, key)}
    yield _written(folder / "settings.json", json.dumps(settings, ensure_ascii=False, indent=1))
    for table in tables_of(name):
        rows = database.execute_sql(f'SELECT * FROM "{table}"')  # noqa: S608 a name of tables_of
        head = [column[0] for column in rows.description]
        yield _written(folder / f"{table}.csv", "".join(csv_line(cells) for cells in [head, *rows.fetchall()]))
    audit.note("PluginDataExported", name, by=by, now=now)


def delete(name: str, *, by: Actor, now: datetime) -> list[str]:
    """Delete tables, settings and counters of a plugin; returns the tables. What it brought to people stays theirs."""
    require_removable(name)
    gone, cascade = tables_of(name), "" if is_sqlite() else " CASCADE"
    with write():
        for table in gone:
            database.execute_sql(f'DROP TABLE "{table}"{cascade}')
        database.execute_sql(f'DROP TABLE IF EXISTS "migrations_{name}"')
        SchemaStep.delete().where(SchemaStep.owner == name).execute()
        for model in (HookCount, PluginHealth):
            model.delete().where(model.plugin == name).execute()
        PluginState.delete().where(PluginState.name == name).execute()
        bump_revision()
        audit.note("PluginDataDeleted", name, by=by, now=now, tables=gone)
    registry().sync()
    return gone


def _written(path: Path, text: str) -> Path:
    keep(path, text.encode())
    return path
