"""kill -9 in the middle of a backup or a restore: no half file under the name, and a place that can be used."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ROOT, Portal, free_port, unseeded_portal, wait_for

HELD = """
import sys
from io import BytesIO
from portal.app import create_app
from portal.base import clock
from portal.core.records import files
from portal.core.records.models import HeldUpload
from portal.store.numbers import next_number
from tests.factories import make_account

with create_app().app_context():
    for number in range(int(sys.argv[1])):
        one = files.store(BytesIO(bytes([number]) * 4_000_000))
        HeldUpload.create(account=make_account(f"+9198000000{number:02d}"), title="x", kind="pdf", stored_name=one.name,
                          size=one.size, sha256=one.sha256, held_at=clock.now())
        next_number("referral")
"""
ROWS = """
import json
from portal.app import create_app
from portal.core.records import files
from portal.core.records.models import HeldUpload
from portal.keeping import generation
from portal.work import audit_chain

with create_app().app_context():
    whole = [files.intact(row.stored_name, row.sha256) is not None for row in HeldUpload.select()]
    assert list(audit_chain.verify()) == []
    print(json.dumps([len(whole), all(whole), generation.number()]))
"""


def run(portal: Portal, script: str, *arguments: str) -> str:
    line = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(line, env=portal.environ, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def state(portal: Portal) -> list[object]:
    """Return the number of files, whether all are whole, and the generation; the audit chain must be intact."""
    found: list[object] = json.loads(run(portal, ROWS).splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deployment of 40 MB that nobody serves, its backup, and a file that came after it."""
    folder = tmp_path_factory.mktemp("prepared")
    made = unseeded_portal(folder / "var", PORTAL_BIND=f"127.0.0.1:{free_port()}")
    made.command("migrate")
    run(made, HELD, "10")
    made.command("backup", "--without-key", str(folder / "b.tar"))
    run(made, HELD.replace("98000000", "98111111"), "1")
    return folder


@pytest.fixture
def portal(prepared: Path, tmp_path: Path) -> Portal:
    """A copy of it."""
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    return unseeded_portal(tmp_path / "var", PORTAL_BIND=f"127.0.0.1:{free_port()}")


def killed_when(portal: Portal, seen: Path | str, *arguments: str) -> None:
    """Start a command, and send SIGKILL as soon as the path is there."""
    folder, pattern = portal.data_dir.parent, str(seen)
    line = [sys.executable, "-m", "portal", *arguments]
    child = subprocess.Popen(line, env=portal.environ, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def is_there() -> bool:
        assert child.poll() is None, "it ended before it could be killed"
        return next(folder.glob(pattern), None) is not None

    try:
        wait_for(is_there, pattern, seconds=300)  # it gives way to everything else on the machine
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()


@pytest.mark.parametrize("seen", ["var/backup-cut-*/portal.db", "c.tar.part"])
def test_a_killed_backup_has_no_name_and_the_next_one_is_whole(portal: Portal, tmp_path: Path, seen: str) -> None:
    killed_when(portal, seen, "backup", "--without-key", str(tmp_path / "c.tar"))
    assert not (tmp_path / "c.tar").exists()
    assert "11 files" in portal.command("backup", "--without-key", str(tmp_path / "c.tar")).stdout


def test_a_restore_that_is_killed_while_it_unpacks_changes_nothing(portal: Portal, tmp_path: Path) -> None:
    killed_when(portal, "var.restoring-*/records/*", "restore", str(tmp_path / "b.tar"), "--set-aside")
    assert state(portal) == [11, True, 0]
    portal.command("restore", str(tmp_path / "b.tar"), "--set-aside")
    assert state(portal) == [10, True, 1]
    assert not list(tmp_path.glob("var.restoring-*"))


@pytest.mark.parametrize(("point", "found"), [("before_exchange", [11, True, 0]), ("after_exchange", [10, True, 1])])
def test_a_restore_that_dies_around_its_last_step_leaves_one_whole_place(
    portal: Portal, tmp_path: Path, point: str, found: list[object]
) -> None:
    portal.environ["PORTAL_CRASH_AT"] = f"restore.{point}"
    assert portal.command("restore", str(tmp_path / "b.tar"), "--set-aside", check=False).returncode == 137
    del portal.environ["PORTAL_CRASH_AT"]
    assert state(portal) == found
    (other,) = tmp_path.glob("var.before-*")
    assert (other / "portal.db").exists()
    assert len(list((other / "records").iterdir())) == (10 if point == "before_exchange" else 11)
