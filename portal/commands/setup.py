"""The command `portal setup`."""

import sys
from collections.abc import Callable
from pathlib import Path

import click
from flask import Flask

from portal.checks.finding import Finding, is_problem, line
from portal.config import Config

MakeApp = Callable[[Config], Flask]
WAITS_FOR_START = {"worker"}  # what a check finds until the services run


@click.command()
@click.option("--config", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A plan, TOML.")
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Where portal.env lies."
)
@click.option("--test-text", default="", metavar="MOBILE", help="Send one SMS to this number, to try the driver.")
@click.pass_obj
def setup(create_app: MakeApp, file: Path | None, folder: Path, test_text: str) -> None:
    """Set the portal up, by questions or by one TOML file. Run again, it changes only what differs."""
    from portal.setup.plan import made, read_plan
    from portal.setup.questions import ask_plan
    from portal.setup.run import run_plan

    if file is None and not sys.stdin.isatty():
        raise click.ClickException("There is no terminal to ask at: name a plan with --config FILE.toml.")
    plan = read_plan(file) if file else made(ask_plan())

    def password() -> str:
        if path := plan.administrator.password_file:
            return (folder / path).read_text("utf-8").strip()
        if not sys.stdin.isatty():
            raise click.ClickException("The password of the administrator: name a file in administrator.password_file.")
        return str(click.prompt("Password of the administrator", hide_input=True, confirmation_prompt=True))

    for told in run_plan(plan, folder, password, create_app, test_text=test_text):
        click.echo(told)
    lines, is_bad = _remaining(folder, create_app)
    click.echo("\n".join(["", "What `portal check` finds (later: right once the services are started):", *lines]))
    click.echo(f"\nNext: the files in {folder / plan.units.folder}, as docs/operations.md says from 6 on.")
    click.echo(f"Then sign in at {plan.portal.base_url}/staff/login as {plan.administrator.username}.")
    if is_bad:
        sys.exit(1)


def _remaining(folder: Path, create_app: MakeApp) -> tuple[list[str], bool]:
    """Return the lines of `portal check` that are not ok, and whether one is a problem that starting does not cure."""
    from portal.checks.run import check_environment
    from portal.config import environment
    from portal.setup.environment import NAME, read_environment

    environ = environment() | read_environment(folder / NAME)
    found = [(name, each) for name, each in check_environment(create_app, environ) if each]
    is_bad = any(is_problem(each) and name not in WAITS_FOR_START for name, each in found)
    return [_line(name, each) for name, each in found], is_bad


def _line(name: str, found: Finding) -> str:
    """Format a finding; what the start cures is no problem yet."""
    is_for_later = name in WAITS_FOR_START and is_problem(found)
    return f"later    {name}: {found}" if is_for_later else line(name, found)
