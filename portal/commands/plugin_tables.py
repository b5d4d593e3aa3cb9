"""`portal import` of a table that a plugin takes, under the plugin's own name for it."""

from datetime import datetime
from pathlib import Path

import click

from portal.base import clock
from portal.base.errors import NotFound
from portal.commands.common import in_app
from portal.plugin_host.registry import Registry, registry
from portal.store.db import write


class _Undo(Exception):
    """Rolls back the transaction of a dry run."""


class ImportGroup(click.Group):
    """The group `portal import`: a kind that is not the portal's own is offered to the plugins."""

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Return the command of a kind. Whether a plugin takes it is known once the application stands."""
        return super().get_command(context, name) or _command(name)


def take(plugins: Registry, kind: str, content: bytes, *, dry_run: bool, now: datetime) -> int:
    """Import a plugin's table in one transaction; return its rows. Raises NotFound, and Invalid for a bad table."""
    for _name, store in plugins.implementations("import_table"):
        rows = None
        try:
            with write():
                rows = store(kind=kind, content=content, now=now)
                if dry_run:
                    raise _Undo
        except _Undo:
            pass
        if rows is not None:
            return int(rows)
    raise NotFound(f"Neither the portal nor a plugin that is on takes a table {kind!r} (portal import --help).")


def _command(kind: str) -> click.Command:
    @click.command(kind, help=f"The table {kind} of a plugin that is on.")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--dry-run", is_flag=True, help="Validate and report; change nothing.")
    @in_app
    def run(file: Path, dry_run: bool) -> None:
        rows = take(registry(), kind, file.read_bytes(), dry_run=dry_run, now=clock.now())
        click.echo(f"{kind}: {rows} {'would be taken' if dry_run else 'taken'}, 0 refused")

    return run
