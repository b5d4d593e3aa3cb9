"""A whole backup while writers work, restored elsewhere: one cut, every file, every invariant."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.postgres import running_postgres
from tests.servers import ROOT, Portal, free_port, unseeded_portal
from tests.writers import prepare, writing

ROUNDS = 8  # of each writer, before and after the backup
PAUSE = 0.05  # seconds after a round: at full speed they work in the bench


@dataclass
class Place:
    """A deployment, and the environment of another, empty one."""

    portal: Portal
    other: dict[str, str]


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A deployment that nobody serves, and a place to restore to."""
    with ExitStack() as stack:
        settings = {"PORTAL_BIND": f"127.0.0.1:{free_port()}"}
        other = {}
        if request.param == "postgresql":
            url = stack.enter_context(running_postgres())
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("CREATE DATABASE elsewhere")
            settings["PORTAL_DATABASE_URL"] = url
            other["PORTAL_DATABASE_URL"] = f"{url.rpartition('/')[0]}/elsewhere"
        portal = unseeded_portal(tmp_path / "var", **settings)
        portal.command("migrate")
        prepare(portal.environ)
        portal.environ["PORTAL_SECRET_KEY"] = (portal.data_dir / "secret.key").read_text()
        yield Place(portal, portal.environ | other)


def audited(environ: dict[str, str]) -> dict[str, Any]:
    """Check a restored deployment in a process of its own."""
    line = [sys.executable, "-m", "tests.writers", "audit"]
    done = subprocess.run(line, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def portal(environ: dict[str, str], *arguments: str) -> str:
    line = [sys.executable, "-m", "portal", *arguments]
    done = subprocess.run(line, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def test_a_backup_under_full_load_is_one_cut_and_no_number_is_given_twice(place: Place, tmp_path: Path) -> None:
    with writing(place.portal.environ, tmp_path, pause=PAUSE) as crew:
        crew.wait_for_more(ROUNDS)
        began = time.monotonic()
        said = portal(place.portal.environ, "backup", "--without-key", str(tmp_path / "b.tar"))
        ended = time.monotonic()
        crew.wait_for_more(ROUNDS)
        rounds = crew.said()
    meanwhile = [each for each in rounds if began < each["done"] < ended]
    assert len(meanwhile) >= ROUNDS, "nobody wrote during the backup"
    lines = portal(place.other, "restore", str(tmp_path / "b.tar"), "--data-dir", str(tmp_path / "elsewhere"))
    found = audited(place.other | {"PORTAL_DATA_DIR": str(tmp_path / "elsewhere")})
    # everything acknowledged before is in it, nothing that began after
    visits = set(found["visits"])
    assert {each["visit"] for each in rounds if each["done"] < began} <= visits
    assert not {each["visit"] for each in rounds if each["began"] > ended} & visits
    removed = {each["removed"] for each in rounds if "removed" in each and each["done"] < began}
    assert not removed & set(found["records"])
    assert ", 0 files" not in said
    # numbers go on behind all that anybody was told
    assert found["generation"] == 1
    assert found["referral"] > max(each["referral"] for each in rounds)
    for code, prefix in (("medicine", "MED"), ("orthopaedics", "ORT"), ("eye", "EYE")):
        told = [int(each["token"].rpartition("-")[2]) for each in rounds if each["token"].startswith(prefix)]
        assert found["last"][code] >= max(told)
        assert f"token-{code}-" in lines
