"""`portal check` as a whole: it creates nothing, and lists what it looks at."""

import json
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from portal.app import create_app
from portal.checks.finding import is_problem
from portal.checks.run import ALL, check_environment, listed, run_checks
from tests.servers import ROOT, seeded_portal

KEY = secrets.token_urlsafe(48)


def portal(*arguments: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    line = [sys.executable, "-m", "portal", *arguments]
    return subprocess.run(line, cwd=cwd, env=own | environ, capture_output=True, text=True, check=False, timeout=600)


def state(folder: Path) -> dict[str, tuple[int, int]]:
    """Mode and time of every file, mode of every folder; SQLite makes and removes two files while it reads."""
    paths = [path for path in (folder, *folder.rglob("*")) if not path.name.endswith(("-wal", "-shm"))]
    return {str(path): (path.stat().st_mode, path.is_file() * path.stat().st_mtime_ns) for path in paths}


@pytest.mark.parametrize("environ", [{}, {"PORTAL_DEMO": "1"}, {"PORTAL_SECRET_KEY": KEY}])
def test_an_empty_place_stays_empty(tmp_path, environ):
    told = portal("check", cwd=tmp_path, **environ)
    assert told.returncode == 1
    assert "Traceback" not in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_set_up_stays_as_it_is(tmp_path):
    demo = seeded_portal(tmp_path / "var")
    tmp_path.joinpath("var").chmod(0o755)
    before = state(demo.data_dir)
    told = portal("check", cwd=tmp_path, PORTAL_DEMO="1", PORTAL_DATA_DIR=str(demo.data_dir))
    assert f"chmod 700 {demo.data_dir}" in told.stdout
    assert "worker: The worker is not running" in told.stdout
    assert "Traceback" not in told.stderr
    assert state(demo.data_dir) == before


def test_a_wrong_value_is_told_beside_misspelt_variables(tmp_path):
    told = portal("check", cwd=tmp_path, PORTAL_SECRET_KEY="short", PORTAL_DATABSE_URL="sqlite:///x")
    assert "PROBLEM  configuration: PORTAL_SECRET_KEY is too short" in told.stdout
    assert "PROBLEM  variables: PORTAL_DATABSE_URL" in told.stdout


def test_nothing_needs_a_database_that_is_not_there(tmp_path):
    found = list(check_environment(create_app, {"PORTAL_SECRET_KEY": KEY, "PORTAL_DATA_DIR": str(tmp_path / "var")}))
    assert (found[-1][0], is_problem(found[-1][1])) == ("database", True)


def test_every_line_of_a_whole_installation_stands_in_the_list(config, app, db):
    names = {name for name, _question in listed()}
    printed = {name for name, _finding in run_checks(config, create_app)}
    assert {name for name in printed if not name.startswith("plugin ")} <= names
    assert printed >= {"libraries", "database", "queue", "migrations"}


def test_a_check_that_fails_is_told_and_the_others_still_run(config, app, db):
    (config.data_dir / "arrivals.json").write_text(json.dumps({"at": "x", "seen": []}))
    config.data_dir.chmod(0o700)
    names = [name for name, _finding in run_checks(config, create_app)]
    assert names.index("proxies") < names.index("database key")


def test_more_than_thirty_misconfigurations_are_looked_at_and_each_has_a_question(tmp_path):
    told = portal("check", "--list", cwd=tmp_path)
    lines = told.stdout.splitlines()
    assert len(lines) > 50
    assert len(ALL) > 30
    assert all(re.fullmatch(r"[^:]+: .+\?", line) for line in lines), lines
    assert list(tmp_path.iterdir()) == []


def test_the_list_stands_in_the_documentation():
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    section = page[page.index("## What `portal check` looks at") :]
    missing = [name for name, question in listed() if f"| {name} | {question} |" not in section]
    assert missing == []
