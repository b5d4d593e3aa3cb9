"""The third-party example plugins pass the contract tests; docs/plugins.md shows one; `portal plugin new`."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from portal.base.errors import Conflict, Invalid
from portal.commands.skeleton import make
from portal.core.messages.kinds import KINDS
from portal.hookspecs import hookimpl
from portal.plugin_host import fallbacks
from portal.plugin_host.registry import registry
from tests.fakes import install_plugin
from tests.servers import ROOT
from tests.third_party import EXAMPLES

PAGE = (ROOT / "docs" / "plugins.md").read_text("utf-8")
FENCES = re.findall(r"^```\w+ (examples/\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_documentation_shows_every_file_of_the_example_unchanged():
    shown = dict(FENCES)
    assert {path: (ROOT / path).read_text("utf-8") for path in shown} == shown
    assert {Path(path).name for path in shown} >= {"pyproject.toml", "settings.py", "__init__.py", "services.py"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_every_example_passes_the_contract_tests_and_its_own(tmp_path, example):
    """tests/test_installation.py does the same for what `portal plugin new` generates."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "PYTEST_"))}
    paths = [str(example), str(ROOT)]
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--import-mode=importlib",
            f"--rootdir={tmp_path}",
            "-c",
            os.devnull,
            example / "tests",
        ],
        env=clean | {"PYTHONPATH": os.pathsep.join(paths)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-4000:]
    assert re.search(r"\d+ passed", run.stdout)


@pytest.mark.parametrize("name", ["My-Plugin", "1st", "email", "class", "x", "../up"])
def test_an_invalid_plugin_name_is_refused(tmp_path, name):
    with pytest.raises(Invalid):
        make(name, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(Conflict):
        make("my_plugin", tmp_path)


def test_the_pieces_of_the_documentation_run_and_offer_what_they_say(app, db):
    pieces = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    names: dict[str, object] = {"hookimpl": hookimpl}
    for piece in pieces:
        exec(compile(piece, "docs/plugins.md", "exec"), names)  # noqa: S102 our own documentation
    hooks = ("identity_step", "identify_beneficiary", "message_channels", "send_by_channel")
    install_plugin(app, "pieces", **{name: names[name] for name in hooks})
    assert [name for name, _step in fallbacks.identity_steps(registry())] == ["pieces"]
    ((_name, channel),) = fallbacks.channels_of(registry())
    (template,) = channel.templates
    assert set(template.parameters) <= KINDS[template.kind].names
