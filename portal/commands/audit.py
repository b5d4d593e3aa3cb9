"""The commands `portal audit verify`, `check` and `head`."""

import sys
import zipfile
from pathlib import Path
from typing import TextIO

import click

from portal.commands.common import in_app, with_any_key
from portal.work.proving import proof


@click.group()
def audit() -> None:
    """The audit log."""


@audit.command("verify")
@click.option("--head", "heads", multiple=True, help="A published head to compare (1234:5f3a…). Repeatable.")
@click.option(
    "--heads",
    "files",
    multiple=True,
    type=click.File(),
    help="A file or log with published heads.",
)
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1, 64), help="That share the work.")
@click.option("--nightly", is_flag=True, help="As the worker does: on record, with the file of heads.")
@with_any_key
def audit_verify(heads: tuple[str, ...], files: tuple[TextIO, ...], processes: int, nightly: bool) -> None:
    """Verify all chains and compare them with published heads. Prints each break and exits with 1."""
    from portal.commands import auditing
    from portal.work.audit_published import heads_in

    if nightly:
        check = auditing.verify_nightly()
        sys.exit(_say_verified([check.first] if check.breaks else [], 0))
    told = [found for text in (*heads, *(file.read() for file in files)) for found in heads_in(text)]
    if (heads or files) and not told:
        raise click.ClickException("no head was found in the options; one looks like 1234:5f3a…, with 64 hex digits")
    sys.exit(_say_verified(list(auditing.verify(told, processes)), len(told)))


def _say_verified(breaks: list[str], compared: int) -> int:
    """Print each break, or that there is none; return the exit code."""
    for sentence in breaks:
        click.echo(sentence)
    if not breaks:
        click.echo("The audit log is intact." + (f" Heads compared: {compared}." if compared else ""))
    return int(bool(breaks))


@audit.command("check")
@click.argument("extract", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--published", type=click.File(), help="A file or log with published links of sections.")
def audit_check(extract: Path, published: TextIO | None) -> None:
    """Verify an extract of the audit log (ZIP or rows.jsonl). It needs no database and no key."""
    breaks = _breaks_in(extract, published.read() if published else "")
    for sentence in breaks:
        click.echo(sentence)
    if breaks:
        sys.exit(1)
    click.echo("All rows are unchanged and in the log.")


@audit.command("head")
@in_app
def audit_head() -> None:
    """Print the current head of the chain. Keep it on another machine to compare later."""
    from portal.work import audit_published

    click.echo(audit_published.head())


def _breaks_in(extract: Path, published: str) -> list[str]:
    """Return a sentence for each thing that does not hold. Raises ClickException for what is no extract."""
    try:
        if zipfile.is_zipfile(extract):
            with zipfile.ZipFile(extract) as packed:
                text = packed.read("rows.jsonl").decode()
        else:
            text = extract.read_text("utf-8")
        return list(proof.breaks(text.splitlines(), published))
    except (KeyError, TypeError, ValueError) as error:
        raise click.ClickException(f"{extract} is no extract of an audit log: {error}") from error
