"""The command `portal export …`: stored data in external formats, and initial lists for imports."""

from datetime import UTC, datetime

import click

from portal.commands.common import TABLES, in_app


@click.group()
def export() -> None:
    """Export visits as FHIR, and initial lists for `portal import`."""


@export.command("visit")
@click.argument("uid")
@click.option("--fhir", "as_fhir", is_flag=True, required=True, help="As an ABDM document (FHIR R4).")
@click.option("--kind", type=click.Choice(["visit", "prescription"]), default="visit", show_default=True)
@in_app
def export_visit(uid: str, as_fhir: bool, kind: str) -> None:
    """Print the visit UID, once documented, as a FHIR Bundle. Needs no plugin."""
    from portal.core.prescriptions.exchange import export

    click.echo(export(uid, kind, now=datetime.now(UTC)))


@export.command("holidays")
@click.option("--year", type=click.IntRange(2000, 2100), help="The year (default: this one and the next).")
def export_holidays(year: int | None) -> None:
    """Print the central government's holidays for `portal import holidays`; correct dates that follow the moon."""
    from portal.core.clinic.holiday_lists import table_of

    this = datetime.now(UTC).year
    click.echo(table_of(*((year,) if year else (this, this + 1))), nl=False)


# What each list holds; `portal import` takes them as they are, or changed.
LISTS = {
    "centres": "The wellness centres of Delhi and its neighbours as delivered, with sample addresses.",
    "specialties": "The specialties as delivered: five, with the prefix of their tokens.",
}


def _add_list(kind: str, what: str) -> None:
    @export.command(kind, help=f"{what} For `portal import {kind}`.")
    def give() -> None:
        from portal.imports.run import DATA

        click.echo((DATA / f"{kind}.csv").read_text("utf-8"), nl=False)


@export.command("formulary")
@click.option("--version", "number", type=int, help="A version imported here, by its number; 0 for the one in force.")
def export_formulary(number: int | None) -> None:
    """Print the medicines as delivered, with class and sources, or a version. For `portal import formulary`."""
    if number is None:
        from portal.imports.run import DATA

        click.echo((DATA / "formulary.csv").read_text("utf-8"), nl=False)
    else:
        _print_version(number)


@in_app
def _print_version(number: int) -> None:
    from portal.core.lists.whole import table_of

    click.echo(table_of(number), nl=False)


for _kind, _what in LISTS.items():
    _add_list(_kind, _what)


def _add_table(kind: str, what: str) -> None:
    @export.command(kind, help=f"{what} For `portal import {kind}`.")
    @click.option("--version", "number", type=int, default=0, help="As it was after an import, by its number.")
    @in_app
    def give(number: int) -> None:
        from portal.core.lists.rules import table_of

        click.echo(table_of(kind, number), nl=False)


for _kind, _what in TABLES.items():
    _add_table(_kind, _what)
