"""The documented installation: every fenced command of the docs is run in a fresh folder, in order.

A box's first line says how: ```sh is typed, ```sh stays holds programs that run on beside what follows, ```sh by-hand
needs root, another machine, or the network. Nothing is installed a second time: `.venv` is the one of this run.
"""

import os
import re
import signal
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.servers import ROOT, free_port

PASSWORD = "a long enough password"
BOX = re.compile(r"^```sh ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
READY = "until curl -fs http://127.0.0.1:8000/readyz | grep -q '\"worker\": *true'; do sleep 0.2; done\n"
SCRIPT = """
set -euo pipefail
trap 'echo "failed: $BASH_COMMAND" >&2' ERR
trap 'kill $(jobs -p) && wait || true' EXIT
"""


def boxes(page: str, begin: str, end: str) -> list[tuple[str, str]]:
    """(how, lines) of every fenced block of a section."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    return BOX.findall(text[text.index(begin) : text.index(end)])


def script_of(found: list[tuple[str, str]]) -> str:
    """Join the blocks into one script that waits until long-running programs are ready."""
    staying = {lines: lines.replace("\n", " &\n") + READY for how, lines in found if how == "stays"}
    assert {how for how, _lines in found} <= {"", "stays", "by-hand"}
    return SCRIPT + "".join(staying.get(lines, lines) for how, lines in found if how != "by-hand")


def typed(script: str, folder: Path, **environ: str) -> str:
    """Run in a terminal, typing every password that is asked for. Fails with the failed command."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PORTAL_", "PYTEST_", "PIP_"))}
    with subprocess.Popen(["yes", PASSWORD], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as passwords:
        terminal = subprocess.Popen(
            ["bash", "-c", script],
            cwd=folder,
            env=kept | environ,
            stdin=passwords.stdout,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            said, _ = terminal.communicate(timeout=300)
        except subprocess.TimeoutExpired:
            os.killpg(terminal.pid, signal.SIGTERM)
            said, _ = terminal.communicate()
        passwords.kill()
    assert terminal.returncode == 0, said[-4000:]
    return said


def test_the_documented_installation_works(tmp_path):
    app, port = tmp_path / "app", free_port()
    app.mkdir()
    (app / ".venv").symlink_to(sys.prefix)
    script = script_of(boxes("operations.md", "## A clinic of your own", "## The environment"))
    look = "curl -fsS http://127.0.0.1:8000/staff/login\n"
    said = typed((script + look).replace("127.0.0.1:8000", f"127.0.0.1:{port}"), app, PORTAL_BIND=f"127.0.0.1:{port}")
    assert "beneficiaries: 1 taken, 0 refused" in said
    assert "specialties: 5 taken, 0 refused" in said
    assert "asha.admin may sign in at /staff/login" in said
    assert set(re.findall(r"^PROBLEM +([^:]+):", said, re.MULTILINE)) == {"sender"}
    assert "Traceback" not in said
    assert 'name="username"' in said
    assert [path for path in app.rglob("*") if path.lstat().st_mode & 0o077 and path.is_file()] == []


def test_the_documented_first_plugin_works(tmp_path):
    tools = _environment_of_its_own(tmp_path / "venv")
    said = typed(
        script_of(boxes("plugins.md", "## Minute 1", "## Minute 2")),
        tmp_path,
        PATH=f"{tools}:{os.environ['PATH']}",
        PIP_NO_INDEX="1",
        PIP_NO_BUILD_ISOLATION="0",
    )
    assert re.search(r"\d+ passed", said)
    assert "off  my_plugin" in said
    assert "my_plugin is on." in said


def _environment_of_its_own(folder: Path) -> Path:
    """A virtual environment with the packages of this one, into which a test can install."""
    venv.EnvBuilder(with_pip=False, symlinks=True).create(folder)
    (site,) = folder.glob("lib/python*/site-packages")
    ours = [path for path in sys.path if path.endswith("site-packages")]
    lines = [f"import site; site.addsitedir({path!r})" for path in ours]
    (site / "beside.pth").write_text("\n".join([*lines, str(ROOT), ""]))
    for name in ("portal", "pip", "pytest"):
        tool = folder / "bin" / name
        tool.write_text(f'#!/bin/sh\nexec {folder}/bin/python -m {name} "$@"\n')
        tool.chmod(0o755)
    return folder / "bin"


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile", "paramarsh-web.service", "paramarsh-worker.service"])
def test_files_copied_in_the_documentation_exist(name):
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    assert f"deploy/{name}" in page or "deploy/paramarsh-*.service" in page
    assert (ROOT / "deploy" / name).is_file()
