"""The database at start-up: waited for, with retries, until a timeout."""

import subprocess
import sys
import threading
from pathlib import Path

import peewee
import pytest

from portal.base import clock
from portal.server import tables
from portal.store.db import open_database
from tests.postgres import running_postgres
from tests.servers import ROOT, free_port, wait_for


def test_a_start_retries_an_unavailable_database_until_the_timeout(capsys, monkeypatch):
    passed = [0.0]  # seconds that only waiting takes, however busy the machine is
    monkeypatch.setattr(clock, "monotonic", lambda: passed[0])
    monkeypatch.setattr(clock, "sleep", lambda seconds: passed.__setitem__(0, passed[0] + seconds))
    open_database(f"postgresql://portal:secret@127.0.0.1:{free_port()}/portal")
    with pytest.raises(peewee.OperationalError):
        tables.wait_for_database(3 * tables.TRY_EVERY)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("PostgreSQL cannot be used: ") and "Trying again for" in line for line in lines)
    assert "secret" not in "".join(lines)


def test_a_start_continues_as_soon_as_the_database_is_available(tmp_path):
    port, said = free_port(), list[str]()
    url = f"postgresql://portal@127.0.0.1:{port}/postgres"
    environ = {"PORTAL_DEMO": "1", "PORTAL_DATA_DIR": str(tmp_path / "var"), "PORTAL_DATABASE_URL": url}
    line = [sys.executable, "-m", "portal", "migrate"]
    start = subprocess.Popen(line, env=environ, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    reader = threading.Thread(target=lambda: said.extend(start.stderr))
    reader.start()
    wait_for(lambda: said, "the first line")
    with running_postgres(port):
        assert start.wait(60) == 0
    reader.join()
    assert "The tables are up to date." in start.stdout.read()
    start.stdout.close()
    start.stderr.close()
    assert all("Trying again for" in line for line in said)
    assert Path(tmp_path / "var").exists()
