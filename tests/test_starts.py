"""Start-up failures: one sentence and exit code 1; an unavailable database is retried until a timeout."""

import signal
from types import FrameType

import click
import peewee
import pytest
from click.testing import CliRunner, Result

from portal.cli import main
from portal.imports.run import DATA
from portal.store.db import close_database, database
from tests.servers import ROOT, command, free_port

KEY = "a test key that is long enough to be allowed"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """run("audit", "verify", PORTAL_…=…): run a command in this process with only these settings."""

    def invoke(*arguments: str, **settings: object) -> Result:
        own = {"PORTAL_DATA_DIR": tmp_path / "var", "PORTAL_SECRET_KEY": KEY, "PORTAL_BIND": f"127.0.0.1:{free_port()}"}
        for name, value in (own | settings).items():
            monkeypatch.setenv(name, str(value))
        signal.alarm(60)  # a server that starts by mistake would run for ever
        return CliRunner().invoke(main, list(arguments), input=f"{KEY}\n{KEY}\n")

    before = signal.signal(signal.SIGALRM, _too_late)
    yield invoke
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
    close_database()


def _too_late(number: int, frame: FrameType | None) -> None:
    raise TimeoutError("the command went on for a minute")


def sentence(result: Result) -> str:
    """Return the one line of a failed command."""
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0]


def commands(group: click.Group = main, *before: str) -> list[list[str]]:
    """List every command with valid arguments."""
    found: list[list[str]] = []
    for name, one in group.commands.items():
        if isinstance(one, click.Group):
            found += commands(one, *before, name)
        else:
            needed = [parameter for parameter in one.params if parameter.required]
            found.append([*before, name, *(word for parameter in needed for word in _filled(parameter))])
    return found


def _filled(parameter: click.Parameter) -> list[str]:
    value = str(ROOT / "README.md") if isinstance(parameter.type, click.Path) else "somebody"
    if isinstance(parameter.type, click.Choice):
        value = str(parameter.type.choices[0])
    if isinstance(parameter, click.Option):
        return [parameter.opts[0]] if parameter.is_flag else [parameter.opts[0], value]
    return [value]


WITHOUT_DATABASE = (
    "outbox",
    "plugin new",
    "export centres",
    "export formulary",
    "export specialties",
    "export holidays",
)


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_reports_an_unusable_database_in_one_sentence(run, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORTAL_DEMO", "")
    (tmp_path / "p.db").write_text("certainly no database, " * 50)
    result = run(*words, PORTAL_DATABASE_URL=f"sqlite:///{tmp_path / 'p.db'}")
    if " ".join(words).startswith(WITHOUT_DATABASE):
        assert result.exit_code == 0
    elif words == ["check"]:
        assert "PROBLEM  database: The database" in result.stdout
    elif words == ["setup"]:  # it asks, and there is no terminal
        assert "name a plan with --config FILE.toml" in sentence(result)
    elif [*words[:2]] == ["audit", "check"]:  # it verifies a file
        assert "is no extract of an audit log" in sentence(result)
    elif words[0] == "restore":  # it puts another database there
        assert "restore it by hand" in sentence(result)
    else:
        assert "p.db cannot be used: file is not a database. Correct PORTAL_DATABASE_URL" in sentence(result)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"PORTAL_DATABASE_URL": "sqlite:////nowhere/at/all/p.db"}, "Does its folder exist"),
        ({"PORTAL_SECRET_KEY": "short"}, "PORTAL_SECRET_KEY is too short"),
        ({"PORTAL_DATA_DIR": ROOT / "README.md" / "var"}, "PORTAL_DATA_DIR"),
        ({"PORTAL_BIND": "192.0.2.1:8000", "PORTAL_BASE_URL": "https://x.example"}, "PORTAL_BIND"),
    ],
    ids=str,
)
def test_an_invalid_setting_is_named_with_its_variable(run, settings, said):
    assert said in sentence(run("serve", **settings))


def test_a_database_of_a_newer_version_is_refused(run, tmp_path):
    run("migrate")
    history = peewee.Table("migrations_core").bind(database.obj)
    history.insert(name="9999_from_the_future", applied="2030-01-01").execute()
    close_database()
    for words in (["migrate"], ["serve"], ["audit", "verify"]):
        assert "newer than this program: it has had core/9999_from_the_future" in sentence(run(*words))
    assert "PROBLEM  newer schema: The database is newer" in run("check").stdout


def test_a_wrong_key_stops_all_commands_but_rekey_and_verify(run):
    first, other = ["import", "centres", str(DATA / "centres.csv")], "another key that is long enough to be allowed"
    assert run("migrate").exit_code == run(*first).exit_code == 0  # audited, sealed with the first key
    for words in (first, ["serve"]):
        said = sentence(run(*words, PORTAL_SECRET_KEY=other))
        assert "is not the key of this database. Name the one that made it" in said
    assert "PROBLEM  database key: " in run("check", PORTAL_SECRET_KEY=other).stdout
    assert run(*first, PORTAL_SECRET_KEY=f"{other},{KEY}").exit_code == 0
    run("rekey", PORTAL_SECRET_KEY=other)  # as if the first key were lost
    assert run(*first, PORTAL_SECRET_KEY=other).exit_code == 0


def test_a_key_other_than_that_of_the_tables_stops_the_first_start(run):
    """Or the chains of the audit log would end, as long as they are empty, with a seal that nobody's key verifies."""
    other = "another key that is long enough to be allowed"
    assert run("migrate").exit_code == 0
    assert "is not the key of this database" in sentence(run("serve", PORTAL_SECRET_KEY=other))
    assert run("rekey", PORTAL_SECRET_KEY=other).exit_code == 0
    assert "ok       database key" in run("check", PORTAL_SECRET_KEY=other).stdout
    assert "is not the key of this database" in sentence(run("serve"))


def test_missing_tables_are_reported_with_the_remedy(run):
    assert "run `portal migrate` first" in sentence(run("serve"))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import nothing_of_that_name", "ModuleNotFoundError: No module named 'nothing_of_that_name'"),
        ("raise SystemExit('not here')", "SystemExit: not here"),
        ("from portal.hookspecs import hookimpl\n@hookimpl\ndef no_such_hook(): ...", "A plugin does not fit"),
        ("from portal.hookspecs import hookimpl\n@hookimpl\ndef blueprint(): raise KeyError('no')", "KeyError: 'no'"),
    ],
    ids=["import", "exit", "hook", "pages"],
)
def test_a_broken_plugin_is_named(tmp_path, code, said):
    (tmp_path / "broken_one.py").write_text(code)
    made = tmp_path / "broken_one-1.0.dist-info"
    made.mkdir()
    (made / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-one\nVersion: 1.0\n")
    (made / "entry_points.txt").write_text("[portal.plugins]\nbroken_one = broken_one\n")
    found = command("audit", "verify", PORTAL_DEMO="1", PORTAL_DATA_DIR=tmp_path / "var", PYTHONPATH=tmp_path)
    assert found.returncode == 1
    assert said in found.stderr
    assert "broken" in found.stderr
    assert found.stderr.count("\n") == 1
