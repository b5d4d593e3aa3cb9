"""`portal setup` with a plan, as an operator types it: done once, done again, and refused when it is wrong."""

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers import ROOT, free_port, need, wait_for

PASSWORD = "green river bottle"
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
PLAN = PAGE.partition("```toml\n")[2].partition("```")[0]
PORT = free_port()
UNITS = ("paramarsh-web.service", "paramarsh-worker.service")
FILES = {
    "password": PASSWORD,
    "own.csv": "day,name\n2027-03-03,Founding day\n",
    "register.csv": "ben_id,name,name_hi,gender,date_of_birth,mobile,centre\n"
    "1000001,Ramesh Kumar,रमेश कुमार,male,1950-01-01,9000000001,01\n",
    "doctors.csv": "username,name,specialty,qualification,registration_number\n"
    "dr.verma,Dr Asha Verma,medicine,MD (Medicine),DMC-20411\n",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A folder with a plan and its files, set up once."""
    folder = tmp_path_factory.mktemp("app")
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    (folder / "plan.toml").write_text(on_a_free_port(PLAN), "utf-8")
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


def on_a_free_port(plan: str) -> str:
    return plan.replace("[portal]", f'[portal]\nbind = "127.0.0.1:{PORT}"')


@pytest.fixture(scope="module")
def first(place) -> subprocess.CompletedProcess[str]:
    return portal(place, "setup", "--config", "plan.toml")


def portal(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    line = [sys.executable, "-m", "portal", *arguments]
    return subprocess.run(line, cwd=folder, env=own | environ, capture_output=True, text=True, check=False, timeout=120)


def run(*line: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(line, capture_output=True, text=True, check=False, timeout=600, **options)


def variables(folder: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (folder / "portal.env").read_text().splitlines())


def state(folder: Path) -> dict[str, bytes]:
    """Every file that is not a database's."""
    own = [path for path in folder.iterdir() if path.name != ".venv"]
    below = [below for path in own for below in (path, *path.rglob("*"))]
    paths = [path for path in below if path.is_file() and ".db" not in path.name]
    return {str(path): path.read_bytes() for path in paths if path.name not in ("write.lock", "reserve")}


def test_a_plan_makes_a_clinic_that_lacks_nothing_but_its_start(place, first):
    assert first.returncode == 0, first.stdout + first.stderr
    problems = re.findall(r"^PROBLEM +([^:]+):", first.stdout, re.MULTILINE)
    assert problems == []
    assert "\nlater    worker: " in first.stdout
    assert re.search(r"^tables: \d\d+ migrations applied$", first.stdout, re.MULTILINE)
    assert len(first.stdout.splitlines()) < 65  # with the picture of the second factor's code
    assert "Traceback" not in first.stderr
    assert "otpauth" not in first.stdout
    assert re.search(r"type the secret there: [A-Z2-7]{32}\n", first.stdout)
    assert "dr.verma: added; the code for choosing a password" in first.stdout
    assert "settings: changed grievance_email, helpline, opens_at, session_quota" in first.stdout
    assert (place / "portal.env").stat().st_mode & 0o077 == 0


def test_a_second_run_changes_nothing_and_shows_no_secret_again(place, first):
    before = state(place)
    again = portal(place, "setup", "--config", "plan.toml")
    assert again.returncode == 0, again.stdout + again.stderr
    assert state(place) == before
    assert "portal.env: as it is" in again.stdout
    assert "tables: as they are" in again.stdout
    assert "administrator asha.admin: as it is" in again.stdout
    assert "dr.verma: as it is" in again.stdout
    assert "settings: as they are" in again.stdout
    assert "formulary: as they are" in again.stdout
    assert "secret" not in again.stdout


def test_a_changed_plan_changes_what_differs_and_never_the_key(place, first):
    before = variables(place)
    changed = on_a_free_port(PLAN).replace('"08:30"', '"09:00"').replace("[portal]", "[portal]\nproxies = 2")
    (place / "changed.toml").write_text(changed, "utf-8")
    told = portal(place, "setup", "--config", "changed.toml").stdout
    assert "portal.env: changed PORTAL_TRUSTED_PROXIES" in told
    assert "settings: changed opens_at" in told
    assert variables(place) == before | {"PORTAL_TRUSTED_PROXIES": "2"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (PLAN.replace("base_url", "base_ulr"), "portal.base_url: Field required"),
        (PLAN.replace('"https://opd', '"ftp://opd'), "PORTAL_BASE_URL"),
        (PLAN.replace("helpline =", "help_line ="), "There is no setting help_line"),
        (PLAN.replace('"08:30"', '"25:30"'), "clinic.opens_at"),
        (PLAN.replace("kannel_url =", "kannel_ulr ="), "no setting kannel_ulr"),
        (PLAN.replace('"register.csv"', '"nowhere.csv"'), "nowhere.csv, which is not there"),
        ("[portal", "is no TOML file"),
    ],
)
def test_a_wrong_plan_is_refused_with_the_place(tmp_path, wrong, words):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "plan.toml").write_text(wrong, "utf-8")
    told = portal(tmp_path, "setup", "--config", "plan.toml")
    assert told.returncode == 1
    assert words in told.stderr
    assert "Traceback" not in told.stderr


def test_without_a_terminal_and_a_plan_nothing_is_asked_or_made(tmp_path):
    told = portal(tmp_path, "setup")
    assert (told.returncode, list(tmp_path.iterdir())) == (1, [])
    assert "--config FILE.toml" in told.stderr


def test_the_units_are_right_for_systemd(place, first, tmp_path):
    need("systemd-analyze", "no unit is verified")
    for name in UNITS:
        text = (place / "units" / name).read_text()
        assert "User=clinic" in text
        assert f"EnvironmentFile={place}/portal.env" in text
        assert f"ReadWritePaths={place}/var" in text
        assert "StandardError=append:/var/log/clinic/" in text
        (tmp_path / name).write_text(text.replace(f"{place}/.venv/bin/portal", "/bin/true").replace("=clinic", "=root"))
        told = run("systemd-analyze", "verify", tmp_path / name)
        assert (told.returncode, told.stderr) == (0, "")


def test_the_units_commands_serve_a_clinic_that_is_green_and_end_on_their_signal(place, first):
    units = [dict(re.findall(r"^(\w+)=(.*)$", (place / "units" / name).read_text(), re.MULTILINE)) for name in UNITS]
    own = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    children = []
    try:
        for unit in units:
            line, folder = shlex.split(unit["ExecStart"]), unit["WorkingDirectory"]
            log = (place / "services.log").open("ab")
            children.append(subprocess.Popen(line, cwd=folder, env=own | variables(place), stdout=log, stderr=log))
            log.close()
        wait_for(is_ready, "web server and worker to be ready")
        told = portal(place, "check", **variables(place))
        problems = set(re.findall("^PROBLEM +([^:]+):", told.stdout, re.MULTILINE))
        assert problems <= {"plugin sms_gateway"}, told.stdout  # there is no gateway of that name
    finally:
        for child, unit in zip(children, units, strict=False):
            child.send_signal(signal.Signals[unit["KillSignal"]])
        codes = [child.wait(int(unit["TimeoutStopSec"])) for child, unit in zip(children, units, strict=False)]
    assert codes == [0, 0], (place / "services.log").read_text()[-2000:]


def is_ready() -> bool:
    try:
        found = httpx.get(f"http://127.0.0.1:{PORT}/readyz").json()
    except httpx.TransportError:
        return False
    return bool(found["ok"] and found["worker"])


def test_the_proxies_files_are_valid_and_buffer_bodies(place, first, tmp_path):
    need("caddy", "no Caddyfile is looked at")
    units = place / "units"
    line = ("caddy", "validate", "--adapter", "caddyfile", "--config", units / "Caddyfile")
    caddy = run(*line, env=os.environ | {"HOME": str(tmp_path)})
    assert "opd.example.gov.in" in (units / "Caddyfile").read_text()
    assert "request_buffers" in (units / "Caddyfile").read_text()
    is_old = "request_buffers" in caddy.stderr  # 2.6.2 of Debian 12, for which the file says what to write
    assert caddy.returncode == 0 or is_old, caddy.stderr
    assert "proxy_request_buffering on" in (units / "nginx.conf").read_text()


def test_logs_are_rotated_by_the_file(place, first, tmp_path):
    need("logrotate", "no log is rotated")
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "web.log").write_text("a line\n")
    text = (place / "units" / "paramarsh.logrotate").read_text()
    (tmp_path / "rotate").write_text(text.replace("/var/log/clinic", str(logs)).replace("clinic", "root"))
    told = run("logrotate", "--force", "--state", tmp_path / "state", tmp_path / "rotate")
    assert told.returncode == 0, told.stderr
    assert ((logs / "web.log").read_text(), (logs / "web.log.1").read_text()) == ("", "a line\n")
