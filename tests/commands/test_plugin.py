"""Commands that plugins bring for the terminal."""

import click
import pytest
from click.testing import CliRunner

from portal.base.errors import Conflict
from portal.cli import main
from portal.plugin_host.registry import registry
from tests.fakes import install_plugin


@click.command("greet")
@click.argument("whom")
@click.option("--loud", is_flag=True)
def greet(whom: str, loud: bool) -> None:
    """Greet somebody."""
    click.echo(f"Hello {whom}{'!' if loud else '.'} {len(registry().installed) > 1}")


@click.command("refuse")
def refuse() -> None:
    """Refuse to do it."""
    raise Conflict("The analyser is switched off.")


@pytest.fixture
def run(app, db):
    install_plugin(app, "greeter", cli_commands=lambda: [greet, refuse])
    install_plugin(app, "mute")
    return lambda *words: CliRunner().invoke(main, ["plugin", "run", *words], obj=lambda: app)


def test_a_command_runs_with_its_options_in_the_application(run):
    done = run("greeter", "greet", "Asha", "--loud")
    assert (done.exit_code, done.output) == (0, "Hello Asha! True\n")


def test_without_a_command_they_are_listed(run):
    listed = run("greeter")
    assert listed.exit_code == 0
    assert "greet" in listed.output
    assert "Greet somebody." in listed.output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("greeter", "refuse"), "The analyser is switched off."),
        (("greeter", "dance"), "No such command 'dance'"),
        (("greeter", "greet"), "Missing argument 'WHOM'"),
        (("mute", "greet"), "The plugin mute has no commands."),
        (("nobody", "greet"), "There is no plugin nobody that is on"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_an_exit_code(run, words, sentence):
    done = run(*words)
    assert done.exit_code in (1, 2)
    assert sentence in done.output
    assert "Traceback" not in done.output
