"""The command `portal`: everything an operator does from a terminal."""

import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from flask import Flask

from portal import config, serving
from portal.commands.audit import audit
from portal.commands.backups import backup, restore
from portal.commands.common import TABLES, Plain, in_app, operator, with_any_key
from portal.commands.export import export
from portal.commands.files import files
from portal.commands.plugin import plugin
from portal.commands.retention import retention
from portal.commands.setup import setup
from portal.commands.upgrading import migrate, upgrade
from portal.sandbox import parent


def application(given: config.Config | None = None) -> Flask:
    """Create the application; imported only now, as most of the portal is loaded with it."""
    from portal.app import create_app

    return create_app(given)


@click.group(cls=Plain, context_settings={"obj": application})
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
    serving.serve(config.load())


@main.command()
@tied
def worker() -> None:
    """Run background jobs and scheduled sweeps. On SIGTERM, running jobs finish first."""
    serving.work(config.load())


@main.command()
def demo() -> None:
    """Migrate, load the demonstration data, and run web server and worker until Ctrl-C."""
    from portal.demo.run import run

    run()


@main.command("seed-demo")
@click.option("--beneficiaries", default=300, show_default=True, help="People in the demonstration's register.")
@in_app
def seed_demo(beneficiaries: int) -> None:
    """Load the demonstration data: centres, staff, register, formulary. Idempotent."""
    from portal.demo.seed import seed

    seed(beneficiaries, now=datetime.now(UTC), config=config.load())
    click.echo("The demonstration data is loaded.")


@main.command()
@click.option("--list", "only_list", is_flag=True, help="Print what is looked at, and check nothing.")
def check(only_list: bool) -> None:
    """Look for misconfigurations, one line each with its cure. Changes nothing; exits with 1 for a problem."""
    from portal.checks.finding import is_problem, line
    from portal.checks.run import check_environment, listed

    if only_list:
        for name, question in listed():
            click.echo(f"{name}: {question}")
        return
    found = []
    for name, finding in check_environment(application):
        click.echo(line(name, finding))
        found.append(finding)
    if any(is_problem(finding) for finding in found):
        sys.exit(1)


main.add_command(plugin)
main.add_command(export)
main.add_command(audit)
main.add_command(backup)
main.add_command(files)
main.add_command(restore)
main.add_command(retention)
main.add_command(setup)
main.add_command(migrate)
main.add_command(upgrade)


@main.command()
@with_any_key
def rekey() -> None:
    """Re-encrypt every stored secret with the first key of PORTAL_SECRET_KEY. The other keys can then be removed."""
    from portal.rekey import re_encrypt
    from portal.work.audit import SYSTEM

    found = re_encrypt(by=SYSTEM, now=datetime.now(UTC))
    click.echo(f"{found.rows} rows are encrypted with the first key.")
    if found.unreadable:
        click.echo(f"{found.unreadable} secrets cannot be decrypted with any of the keys; they are unchanged.")


@main.group("reports")
def reports_group() -> None:
    """Counts by day, which the reports show."""


@reports_group.command("rebuild")
@in_app
def reports_rebuild() -> None:
    """Count every day anew from the event table. Pages are served meanwhile; what retention took stays counted."""
    from portal.base.clock import now
    from portal.core.reports.days import rebuild

    click.echo(f"{rebuild(now())} days are counted anew.")


@main.group("events")
def events_group() -> None:
    """Events and their delivery to listeners."""


@events_group.command("retry")
@in_app
def events_retry() -> None:
    """Retry all dead letters: events that failed their last try. The worker delivers them."""
    from portal.work.audit import SYSTEM
    from portal.work.events import try_all_again

    click.echo(f"{try_all_again(by=SYSTEM, now=datetime.now(UTC))} events are queued for retry.")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the stored JSON lines.")
def outbox(as_json: bool) -> None:
    """Print the messages that the demonstration's SMS sender wrote."""
    from portal.demo.outbox import lines

    for line in lines(config.load().data_dir, raw=as_json):
        click.echo(line)


@main.command("misprints")
@click.option("--tell", is_flag=True, help="Notify the author and the patient of each, once.")
@in_app
def misprints(tell: bool) -> None:
    """List prescriptions whose PDF says MG where micrograms are meant."""
    from portal.core.prescriptions.misprints import report

    for line in report(also_tell=tell, now=datetime.now(UTC)):
        click.echo(line)


@main.command("overrides")
@click.option("--days", type=click.IntRange(1, 3660), default=90, show_default=True, help="How far back.")
@in_app
def overrides(days: int) -> None:
    """Count by rule how often doctors issued over a concern of safety."""
    from portal.core.prescriptions.overrides import counts

    for each in counts(datetime.now(UTC) - timedelta(days=days)):
        click.echo(f"{each.rule}\t{each.tier}\t{each.count}\t{each.per_hundred:g} in 100 prescriptions")


class ImportGroup(click.Group):
    """A kind of table that is not the portal's own is offered to the plugins, once the application stands."""

    def get_command(self, context: click.Context, name: str) -> click.Command:
        """Return the command of a kind."""
        return super().get_command(context, name) or _import_command(name, f"The table {name} of a plugin that is on.")


@main.group("import", cls=ImportGroup)
def import_group() -> None:
    """Import the register, master data and the tables of plugins (`lgd` of the bridge) from CSV files."""


# What each file contains; the columns are those of its first line.
FILES = {
    "beneficiaries": "The scheme's register: ben_id, name, name_hi, gender, date_of_birth, mobile, centre.",
    "centres": "Wellness centres: code, name, name_hi, city, address, phone.",
    "formulary": "The list of medicines, whole: what it lacks is taken out (`portal export formulary` gives a list).",
    "classes": "Classes of medicines in the formulary: name, tele_class, class_source, form (empty: every form).",
    "brands": "Brands of medicines in the formulary: name, brand, source, form (empty: every form).",
    "holidays": "Days without clinic: day, name, name_hi (`portal export holidays` makes a year's list).",
    "specialties": "Specialties: code, prefix of tokens, name, name_hi (`portal export specialties` gives a list).",
}


def _import_command(kind: str, what: str) -> click.Command:
    @click.command(kind, help=what)
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--dry-run", is_flag=True, help="Validate and report; change nothing.")
    @click.option("--signed", default="", hidden=kind not in TABLES, help="Who signs the table off: name and number.")
    @in_app
    def run(file: Path, dry_run: bool, signed: str) -> None:
        from portal.imports.run import run_import

        now, by = datetime.now(UTC), operator()
        report = run_import(kind, file, dry_run=dry_run, now=now, by=by, signed_by=signed)
        for line in report.lines():
            click.echo(line)
        if report.refused:
            sys.exit(1)

    return run


for _kind, _what in {**FILES, **TABLES}.items():
    import_group.add_command(_import_command(_kind, _what))


@main.group()
def staff() -> None:
    """Accounts of staff."""


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
    """Add a member of staff. Prompts for the password."""
    from portal.core.accounts.staff import add_staff
    from portal.work.audit import SYSTEM

    add_staff(username, role=role, name=name, password=password, by=SYSTEM, now=datetime.now(UTC), **details)
    click.echo(f"{username} may sign in at /staff/login.")


@staff.command("reset")
@click.argument("username")
@in_app
def staff_reset(username: str) -> None:
    """Remove the second factor, for example after a phone was lost. The next sign-in sets up a new one."""
    from portal.core.accounts.models import Staff
    from portal.core.accounts.second_factor import reset
    from portal.work.audit import SYSTEM

    person = Staff.get_or_none(Staff.username == username.lower())
    if person is None:
        raise click.ClickException(f"no member of staff has the user name {username}")
    reset(person, by=SYSTEM, now=datetime.now(UTC))
    click.echo(f"{username} sets up a new second factor at the next sign-in; all earlier sign-ins have ended.")
