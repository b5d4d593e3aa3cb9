"""The command `portal plugin …`."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from portal.commands.common import in_app


@click.group()
def plugin() -> None:
    """List plugins, switch them on and off, create a new one."""


@plugin.command("list")
@in_app
def plugin_list() -> None:
    """List every installed plugin, whether it is on, and why it does not fit this portal if so."""
    from portal.plugin_host.discovery import misfit_of
    from portal.plugin_host.registry import registry

    for name, module in registry().installed.items():
        click.echo(f"{'on ' if registry().is_on(name) else 'off'}  {name}  {registry().title(name)}")
        if misfit := misfit_of(module):
            click.echo(f"     {misfit}")


@plugin.command("on")
@click.argument("name")
@in_app
def plugin_on(name: str) -> None:
    """Switch a plugin on, in all processes at their next request."""
    _switch(name, True)


@plugin.command("off")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@in_app
def plugin_off(name: str, yes: bool) -> None:
    """Switch a plugin off, in all processes at their next request. Asks before users lose a service by it."""
    from portal.plugin_host.switches import MustConfirm

    try:
        _switch(name, False, confirmed=yes)
    except MustConfirm as question:
        if not sys.stdin.isatty():
            raise click.ClickException(f"{question.message} Say --yes to switch it off all the same.") from question
        for sentence in question.consequences:
            click.echo(sentence)
        click.confirm("Switch it off all the same?", abort=True)
        _switch(name, False, confirmed=True)


@plugin.command("new")
@click.argument("name")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="The target folder (default: ./NAME).")
def plugin_new(name: str, folder: Path | None) -> None:
    """Create a working plugin with settings, a hook and tests, as a starting point."""
    from portal.commands.skeleton import make

    target = folder or Path(name)
    for path in make(name, target):
        click.echo(path)
    click.echo(f"Install and test it: pip install -e {target} pytest && pytest {target}")


@plugin.command("migrate")
@click.argument("name")
def plugin_migrate(name: str) -> None:
    """Make or update the tables of one plugin, after it was installed or updated."""
    from portal import config
    from portal.server import tables

    for line in tables.migrate(config.load(), only=name):
        click.echo(line)


@plugin.command("remove")
@click.argument("name")
@click.option(
    "--data",
    type=click.Choice(["keep", "export", "delete"]),
    required=True,
    help="keep: for the day it comes back. export: as files, and kept. delete: for good.",
)
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), help="Of the export (default: ./NAME-data)."
)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@in_app
def plugin_remove(name: str, data: str, folder: Path | None, yes: bool) -> None:
    """Prepare the removal of a plugin that is off: say what becomes of its data. The program itself goes with pip."""
    from portal.plugin_host.leaving import removal
    from portal.plugin_host.leaving.tables import tables_of
    from portal.plugin_host.needs import package_of
    from portal.work.audit import SYSTEM

    removal.require_removable(name)
    now, tables = datetime.now(UTC), tables_of(name)
    click.echo(f"Tables of {name}: {', '.join(tables) or 'none'}.")
    if data == "export":
        for path in removal.export(name, folder or Path(f"{name}-data"), by=SYSTEM, now=now):
            click.echo(path)
    if data == "delete":
        if not yes:
            click.confirm("Delete them with its settings? A backup is the only way back.", abort=True)
        removal.delete(name, by=SYSTEM, now=now)
        click.echo("Deleted.")
    click.echo(f"Now: pip uninstall {package_of(name)}, and restart web and worker.")


@plugin.command("run", context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("name")
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@in_app
def plugin_run(name: str, words: tuple[str, ...]) -> None:
    """Run a command of a plugin that is on; without a command, list what it has."""
    from portal.plugin_host.registry import registry

    if not registry().is_on(name):
        raise click.ClickException(f"There is no plugin {name} that is on (portal plugin list).")
    commands = registry().ask(name, "cli_commands") or []
    if not commands:
        raise click.ClickException(f"The plugin {name} has no commands.")
    own = click.Group(f"portal plugin run {name}", commands=commands, help=registry().title(name))
    own.main(list(words) or ["--help"], prog_name=own.name, standalone_mode=False)


def _switch(name: str, enabled: bool, *, confirmed: bool = False) -> None:
    from portal.plugin_host.switches import switch
    from portal.work.audit import SYSTEM

    switch(name, enabled, by=SYSTEM, now=datetime.now(UTC), confirmed=confirmed)
    click.echo(f"{name} is {'on' if enabled else 'off'}.")


@plugin.command("sandbox")
@click.argument("name")
@click.option("--bind", default="127.0.0.1:18100", show_default=True, help="Loopback address and port.")
@in_app
def plugin_sandbox(name: str, bind: str) -> None:
    """Run a simulator of a plugin's external system until Ctrl-C, for demonstrations and tests."""
    from portal.commands.sandboxes import run

    run(name, bind)
