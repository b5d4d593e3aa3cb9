"""The commands `portal migrate`, and `portal upgrade`: the same, with what it means said before."""

import click

from portal import config
from portal.server import tables


@click.command()
def migrate() -> None:
    """Apply the database migrations of the portal and its plugins."""
    for line in tables.migrate(config.load()):
        click.echo(line)


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--without-backup", is_flag=True, help="Contract though there is no verified backup of the last day.")
def upgrade(dry_run: bool, without_backup: bool) -> None:
    """Say which migrations would run, and whether nodes of the version before may go on; then run them."""
    from portal.server.upgrade import is_safe, plan

    own = config.load()
    for line in plan(own):
        click.echo(line)
    if dry_run:
        click.echo("This was a dry run: nothing was changed.")
        return
    if not without_backup and not is_safe():
        raise click.ClickException(
            "Something would be taken away, and there is no verified backup of the last day: make one with the "
            "version that runs (`portal backup FILE` in its folder), or say --without-backup. Nothing was changed."
        )
    for told in tables.migrate(own):
        click.echo(told)
