"""The command `portal`: everything an operator does from a terminal."""

import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import click

from portal import serving
from portal.commands.common import Plain, configured, in_app, with_any_key
from portal.commands.export import export
from portal.commands.plugin import plugin
from portal.sandbox import parent
from portal.server import tables


@click.group(cls=Plain)
@click.version_option(package_name="paramarsh")
def main() -> None:
    """Paramarsh: a self-hosted tele-consultation OPD portal."""


def _tied(context: click.Context, option: click.Parameter, pid: int | None) -> None:
    if pid is not None:
        parent.end_with(pid, signal.SIGTERM)


tied = click.option("--with-parent", type=int, hidden=True, expose_value=False, callback=_tied)


@main.command()
@tied
def serve() -> None:
    """Run the web server."""
    serving.serve(configured())


@main.command()
@tied
def worker() -> None:
    """Run tasks and sweeps. SIGTERM lets what is under way finish."""
    serving.work(configured())


@main.command()
def demo() -> None:
    """Migrate, seed the demonstration, run web and worker until Ctrl-C."""
    from portal.demo.run import run

    run()


@main.command()
def migrate() -> None:
    """Bring the tables of core and plugins up to date."""
    for line in tables.migrate(configured()):
        click.echo(line)


@main.command("seed-demo")
@click.option("--beneficiaries", default=300, show_default=True, help="People in the demonstration's register.")
@in_app
def seed_demo(beneficiaries: int) -> None:
    """Fill the demonstration: centres, staff, register, formulary. Running it again changes nothing."""
    from portal.demo.seed import seed

    seed(beneficiaries, now=datetime.now(UTC), config=configured())
    click.echo("The demonstration is filled.")


@main.command()
def check() -> None:
    """Check configuration, libraries, database, queue and plugins: a line each."""
    from portal.checks import is_problem, line, run_checks

    results = list(run_checks(configured()))
    for name, found in results:
        click.echo(line(name, found))
    if any(is_problem(found) for _, found in results):
        sys.exit(1)


main.add_command(plugin)
main.add_command(export)


@main.command()
@with_any_key
def rekey() -> None:
    """Seal every stored secret with the first key of PORTAL_SECRET_KEY; the other keys may then be taken away."""
    from portal.rekey import re_encrypt
    from portal.work.audit import SYSTEM

    found = re_encrypt(by=SYSTEM, now=datetime.now(UTC))
    click.echo(f"{found.rows} rows are sealed with the first key.")
    if found.unreadable:
        click.echo(f"{found.unreadable} secrets cannot be read with any of the keys; they stay as they are.")


@main.group("events")
def events_group() -> None:
    """What happened in the clinic, on its way to those who must hear of it."""


@events_group.command("retry")
@in_app
def events_retry() -> None:
    """Try all events again that were given up; the worker delivers them."""
    from portal.work.audit import SYSTEM
    from portal.work.events import try_all_again

    click.echo(f"{try_all_again(by=SYSTEM, now=datetime.now(UTC))} events are on their way again.")


@main.group()
def audit() -> None:
    """The audit log."""


@audit.command("verify")
@click.option("--head", "heads", multiple=True, help="An end that was sent out (1234:5f3a…); may be given repeatedly.")
@click.option("--heads", "files", multiple=True, type=click.File(), help="A file of them, or a log.")
@with_any_key
def audit_verify(heads: tuple[str, ...], files: tuple[TextIO, ...]) -> None:
    """Walk the whole chain, compare it with ends that were sent out; exit 1 with a sentence for each break."""
    from portal.work import audit_chain

    told = [found for text in (*heads, *(file.read() for file in files)) for found in audit_chain.heads_in(text)]
    if (heads or files) and not told:
        raise click.ClickException("no end was found in what was given; one looks like 1234:5f3a… with 64 signs")
    breaks = list(audit_chain.verify(told))
    for sentence in breaks:
        click.echo(sentence)
    if breaks:
        sys.exit(1)
    click.echo("The audit log is whole." + (f" Ends compared: {len(told)}." if told else ""))


@audit.command("head")
@in_app
def audit_head() -> None:
    """The end of the chain at this moment, to be kept elsewhere and compared later."""
    from portal.work import audit_chain

    click.echo(audit_chain.head())


@main.command()
@click.option("--json", "as_json", is_flag=True, help="The raw lines.")
def outbox(as_json: bool) -> None:
    """Messages the demonstration's sender wrote."""
    from portal.demo.outbox import lines

    for line in lines(configured().data_dir, raw=as_json):
        click.echo(line)


@main.command("misprints")
@click.option("--tell", is_flag=True, help="Tell author and patient of each, once.")
@in_app
def misprints(tell: bool) -> None:
    """Prescriptions whose paper says MG where micrograms are meant."""
    from portal.core.prescriptions.misprints import report

    for line in report(also_tell=tell, now=datetime.now(UTC)):
        click.echo(line)


@main.group("import")
def import_group() -> None:
    """Bring in registers and masters from CSV files."""


# What each file holds; the columns are those of the first line.
FILES = {
    "beneficiaries": "The scheme's register: ben_id, name, name_hi, gender, date_of_birth, mobile, centre.",
    "centres": "Wellness centres: code, name, name_hi, city, address, phone.",
    "formulary": "Medicines with their tele-prescribing class.",
    "holidays": "Days without clinic: day, name, name_hi (`portal export holidays` makes a year's list).",
    "specialties": "Specialties: code, prefix of tokens, name, name_hi (`portal export specialties` gives a list).",
}


def _add_import(kind: str, what: str) -> None:
    @import_group.command(kind, help=what)
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--dry-run", is_flag=True, help="Check and report, change nothing.")
    @in_app
    def run(file: Path, dry_run: bool) -> None:
        from portal.commands.imports import run_import

        report = run_import(kind, file, dry_run=dry_run, now=datetime.now(UTC))
        for line in report.lines():
            click.echo(line)
        if report.refused:
            sys.exit(1)


for _kind, _what in FILES.items():
    _add_import(_kind, _what)


@main.group()
def staff() -> None:
    """People who work here."""


@staff.command("add")
@click.argument("username")
@click.option("--role", required=True)
@click.option("--name", required=True)
@click.option("--name-hi", default="", help="The name in Hindi.")
@click.option("--centre", default="", help="Code of the wellness centre.")
@click.option("--specialty", default="", help="Code of the specialty (doctors).")
@click.option("--qualification", default="")
@click.option("--registration-number", default="")
@click.password_option()
@in_app
def staff_add(username: str, role: str, name: str, password: str, **details: str) -> None:
    """Add a member of staff; asks for the password."""
    from portal.core.accounts.staff import add_staff
    from portal.work.audit import SYSTEM

    add_staff(username, role=role, name=name, password=password, by=SYSTEM, now=datetime.now(UTC), **details)
    click.echo(f"{username} may sign in at /staff/login.")


@staff.command("reset")
@click.argument("username")
@in_app
def staff_reset(username: str) -> None:
    """Take the second factor of a lost telephone away; the next sign-in sets up a new one."""
    from portal.core.accounts.models import Staff
    from portal.core.accounts.second_factor import reset
    from portal.work.audit import SYSTEM

    person = Staff.get_or_none(Staff.username == username.lower())
    if person is None:
        raise click.ClickException(f"there is nobody with the user name {username}")
    reset(person, by=SYSTEM, now=datetime.now(UTC))
    click.echo(f"{username} sets up a new second factor at the next sign-in; all sign-ins of before have ended.")
