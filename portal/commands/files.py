"""The command `portal files …`: moving the files of people to another store and back."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from portal import config as configuration
from portal.addresses import store_url
from portal.base import clock
from portal.commands.common import Plain, in_app
from portal.config import Config, ConfigError


@click.group(cls=Plain)
def files() -> None:
    """Move the files of people: records, prescriptions and what is printed from them."""


@files.command()
@click.option("--from", "source", help="Where they are; as it is set (PORTAL_STORE_URL) when left out.")
@click.option("--to", "target", required=True, help="A folder, or an address such as s3://bucket/prefix.")
@click.option("--delete", is_flag=True, help="Delete each at the old place once it was read again at the new one.")
@in_app
def move(source: str | None, target: str, delete: bool) -> None:
    """Copy all files to another store, and verify each there. A further run goes on where the last one ended.

    Exits with 1 when a file that the database names is missing or damaged.
    """
    from portal.store.filing import current, transfer

    config = configuration.load()
    old, new = _address(config, source), _address(config, target)
    if old == new:
        raise click.ClickException("both are the same place; name the other one with --from or --to")
    if delete and old == _address(config, None):
        raise click.ClickException(
            f"the portal still uses {old}: set PORTAL_STORE_URL={new}, restart, and name the old place with --from"
        )
    before, after = (current.store_at(url, config.data_dir, config.environ) for url in (old, new))
    brought = transfer.move(before, after, _named(), delete=delete, now=clock.now(), told=_tell)
    click.echo(f"{after.address}: {brought.new} files brought, {brought.same} were there already.")
    if delete:
        click.echo(f"{before.address}: {brought.deleted} files deleted.")
    for problem in brought.problems:
        click.echo(f"PROBLEM  {problem}")
    if old == _address(config, None) and not brought.problems:
        click.echo(f"Stop web and worker, run this again for the newest, set PORTAL_STORE_URL={new}, and start them.")
    sys.exit(1 if brought.problems else 0)


def _address(config: Config, given: str | None) -> str:
    """Return the address of a store as one writes it in PORTAL_STORE_URL. Raises ClickException."""
    text = config.store_url if given is None else given
    if "://" not in text:
        text = (Path(text).resolve() if text else config.data_dir).as_uri()
    try:
        return store_url({"PORTAL_STORE_URL": text})
    except ConfigError as error:
        raise click.ClickException(str(error).replace("PORTAL_STORE_URL", "the address")) from error


def _named() -> Iterator[tuple[str, str]]:
    """Yield key and checksum of each file that a row names."""
    from portal.store.db import database
    from portal.store.kept.files import KEPT

    for kept in KEPT:
        rows: Any = database.execute_sql(kept.query).fetchall()
        yield from ((f"{kept.folder}/{name}", sha256) for name, sha256 in rows)


def _tell(done: int) -> None:
    if sys.stderr.isatty() and done % 50 == 0:
        click.echo(f"\r{done} files", nl=False, err=True)
