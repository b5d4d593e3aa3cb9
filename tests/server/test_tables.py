"""The database at start-up: waited for, with retries, until a timeout."""

import subprocess
import sys
import threading
from pathlib import Path

import peewee
import pytest

from portal.base import clock
from portal.config import ConfigError
from portal.plugin_host import discovery
from portal.server import tables
from portal.store import migrator
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


def test_one_plugin_is_migrated_by_itself_and_an_unknown_one_is_named(config):
    list(tables.migrate(config))
    folders = discovery.migration_folders(discovery.discover())
    migrator.runner("esanjeevani_bridge", folders["esanjeevani_bridge"]).down()
    *lines, last = tables.migrate(config, only="esanjeevani_bridge")
    assert {step.owner for step in lines} == {"esanjeevani_bridge"}
    assert last == "The tables of esanjeevani_bridge are up to date."
    with pytest.raises(ConfigError, match="There is no plugin nothing"):
        list(tables.migrate(config, only="nothing"))
    migrator.runner().down()
    with pytest.raises(ConfigError, match="run `portal migrate`, which does those of plugins too"):
        list(tables.migrate(config, only="esanjeevani_bridge"))


def test_a_strangers_plugin_that_is_off_and_not_migrated_stops_nothing(db, tmp_path, monkeypatch):
    (tmp_path / "0001_initial.py").write_text("EXPANDS = True\n\n\ndef up(migrator, db):\n    pass\n")
    monkeypatch.setattr(tables, "migration_owners", lambda: [("guest", tmp_path)])
    monkeypatch.setattr(tables, "_require_served", lambda: None)
    monkeypatch.setattr(tables, "is_idle_guest", lambda name: name == "guest")
    of = migrator.pending
    monkeypatch.setattr(migrator, "pending", lambda *owner: of(*owner) if owner else [])
    tables.require_migrated()
    monkeypatch.setattr(tables, "is_idle_guest", lambda name: False)
    with pytest.raises(ConfigError, match="guest/0001_initial"):
        tables.require_migrated()
