"""The command `portal reports`: counts of the reports."""

import click

from portal.base.clock import now
from portal.commands.common import in_app


@click.group()
def reports() -> None:
    """Counts by day, which the reports show."""


@reports.command()
@in_app
def rebuild() -> None:
    """Count every day anew from the event table. Pages are served meanwhile; what retention took stays counted."""
    from portal.core.reports.days import rebuild as count_anew

    click.echo(f"{count_anew(now())} days are counted anew.")
