"""The command `portal retention`: what is past its retention, counted or deleted."""

from datetime import UTC, datetime

import click

from portal.commands.common import in_app


@click.command()
@click.option("--dry-run", is_flag=True, help="Only count what would go, by kind and month.")
@in_app
def retention(dry_run: bool) -> None:
    """Delete what is past its retention, once an administrator has confirmed a dry run on /admin/retention."""
    from portal.core.rights.clearing.reports import lines_of
    from portal.core.rights.clearing.runs import run_at_once

    for line in lines_of(run_at_once(is_dry=dry_run, now=datetime.now(UTC))):
        click.echo(line)
