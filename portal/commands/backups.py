"""The commands `portal backup` and `portal restore`."""

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import IO

import click

from portal import config as configuration
from portal.base import clock
from portal.commands.common import in_app
from portal.config import Config

VARIABLE = "PORTAL_BACKUP_PASSPHRASE_FILE"
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def _gently(context: click.Context, option: click.Parameter, scheduled: bool) -> bool:
    """Give way to the clinic from the first moment on: also loading the program takes a second or two."""
    os.nice(15)
    return scheduled


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--to", "address", help="An address instead of FILE, such as s3://bucket/name.tar.")
@click.option("--without-key", is_flag=True, help="Leave PORTAL_SECRET_KEY out, on purpose.")
@click.option("--passphrase-file", type=click.File(), help="A file with the passphrase that encrypts the key.")
@click.option(
    "--scheduled",
    is_flag=True,
    hidden=True,
    callback=_gently,
    is_eager=True,
    help="The worker's: the place and name of the settings.",
)
@click.option("--verify/--no-verify", default=True, help="Read it again, open its database alone and audit it.")
@in_app
def backup(
    file: Path | None,
    address: str | None,
    without_key: bool,
    passphrase_file: IO[str] | None,
    scheduled: bool,
    verify: bool,
) -> None:
    """Back up database, files and key into one tar FILE, while everybody works on.

    Exits with 1 when a file that the database names is missing or damaged, or the backup could not be verified.
    """
    from portal.commands import keeping
    from portal.keeping import schedule
    from portal.keeping.making import Told
    from portal.keeping.places import place_of

    if [file, address, scheduled or None].count(None) != 2:
        raise click.ClickException("name a FILE, or an address with --to")
    config = configuration.load()
    is_keyless = without_key or (scheduled and not config.environ.get(VARIABLE))
    passphrase = None if is_keyless else _passphrase(config, passphrase_file)
    place = schedule.place_for(clock.now()) if scheduled else place_of(address or str(file))
    made, problem = keeping.back_up(place, config, passphrase=passphrase, verify=verify, told=Told(_Progress()))
    click.echo(
        f"{place.name}: {made.size >> 10} KB, the database, {made.manifest.files} files of {made.source}, "
        f"{'the key' if made.manifest.has_key else 'without the key'}, audit head {made.manifest.audit_head}"
    )
    for remark in made.remarks:
        click.echo(f"PROBLEM  {remark}")
    if made.note:
        click.echo(f"note     {made.note}")
    if problem and verify:
        click.echo(f"PROBLEM  not verified: {problem}")
    if scheduled:
        schedule.delete_old()
    if made.remarks or (problem and verify):
        sys.exit(1)


@click.command()
@click.argument("file")
@click.option("--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Where to (PORTAL_DATA_DIR).")
@click.option("--set-aside", is_flag=True, help="Keep what is there beside the restored, whole.")
@click.option("--marks", "folders", multiple=True, type=FOLDER, help="A folder with further marks. Repeatable.")
@click.option("--skip", type=click.IntRange(1, 100_000), help="Without any marks: raise every number by so many.")
@click.option("--dry-run", is_flag=True, help="Unpack, verify and report; change nothing.")
@click.option("--print-key", is_flag=True, help="Only print the key that is in it; asks for the passphrase.")
@click.option("--passphrase-file", type=click.File(), help="A file with the passphrase, for --print-key.")
def restore(
    file: str,
    data_dir: Path | None,
    set_aside: bool,
    folders: tuple[Path, ...],
    skip: int | None,
    dry_run: bool,
    print_key: bool,
    passphrase_file: IO[str] | None,
) -> None:
    """Restore a backup into an empty place, or set aside what is there. Stop web and worker first.

    No number that was told to anybody is given again, and all sign-ins end. FILE may be an address, such as s3://….
    """
    from portal.app import BACKGROUND, create_app
    from portal.commands import keeping
    from portal.keeping import restoring
    from portal.keeping.places import place_of

    place = place_of(file)
    if print_key:
        passphrase = passphrase_file.read().strip() if passphrase_file else click.prompt("Passphrase", hide_input=True)
        with place.reading() as stream:
            click.echo(restoring.key_of(stream, str(passphrase)))
        return
    origin = configuration.load()
    for module in BACKGROUND:  # they register what is kept
        import_module(module)
    wanted = keeping.Wanted(set_aside, dry_run, skip, folders, create_app)
    for line in keeping.restore(place, _moved(origin, data_dir), origin, wanted, now=datetime.now(UTC)):
        click.echo(line)


def _moved(config: Config, data_dir: Path | None) -> Config:
    """Return the configuration with another data folder; a database and marks inside the old one move along."""
    if data_dir is None:
        return config
    there = data_dir.absolute()
    url = config.database_url.replace(f"sqlite:///{config.data_dir}/", f"sqlite:///{there}/")
    marks = there / "marks" if config.marks.parent == config.data_dir else config.marks
    return replace(config, data_dir=there, database_url=url, marks=marks)


def _passphrase(config: Config, file: IO[str] | None) -> str:
    if file is None and (path := config.environ.get(VARIABLE)):
        return Path(path).read_text().strip()
    if file is None and not sys.stdin.isatty():
        raise click.ClickException(
            "the key goes into the backup encrypted with a passphrase: name a file with it (--passphrase-file), or say "
            "--without-key and keep the key elsewhere"
        )
    return file.read().strip() if file else str(click.prompt("Passphrase", hide_input=True, confirmation_prompt=True))


class _Progress:
    """Prints the progress on one line of a terminal; nothing elsewhere."""

    def __init__(self) -> None:
        self._shown = ""

    def __call__(self, what: str, done: int, all_: int) -> None:
        """Show how far this part is; `all_` 0: of an unknown whole, in bytes."""
        text = f"{what}: {100 * done // all_} %" if all_ else f"{what}: {done >> 20} MB"
        if text != self._shown and sys.stderr.isatty():
            is_next = bool(self._shown) and not self._shown.startswith(what)
            click.echo(f"{chr(10) if is_next else chr(13)}{text:<30}", nl=False, err=True)
        self._shown = text
