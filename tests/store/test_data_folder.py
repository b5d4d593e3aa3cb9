"""Whatever command comes first on a machine, nobody else there reads the data folder or the database's files."""

import os
import stat
from dataclasses import replace

import pytest

from portal.config import ConfigError, load
from portal.server import tables
from portal.store import data_folder
from portal.store.db import close_database, database
from portal.store.numbers import Counter
from tests.servers import ROOT, command


@pytest.fixture(autouse=True)
def own_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def open_to_others(*places) -> list[str]:
    found = [path for place in places for path in (place, *place.rglob("*"))]
    return [str(path) for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077]


@pytest.mark.parametrize("first", ["migrate", "check", "audit verify"])
def test_the_first_command_of_a_fresh_machine_leaves_everything_closed(tmp_path, first):
    elsewhere = tmp_path / "databases"
    elsewhere.mkdir(mode=0o700)
    settings = {
        "PORTAL_DATA_DIR": tmp_path / "new" / "var",
        "PORTAL_DATABASE_URL": f"sqlite:///{elsewhere / 'p.db'}",
        "PORTAL_SECRET_KEY": "a test key that is long enough to be allowed",
    }
    command(*first.split(), **settings)
    assert (elsewhere / "p.db").exists()
    assert open_to_others(tmp_path / "new", elsewhere) == []


def test_a_database_that_lies_elsewhere_is_closed_with_its_companions(tmp_path):
    path = tmp_path / "p.db"
    config = load(
        {"PORTAL_DATA_DIR": str(tmp_path / "var"), "PORTAL_DATABASE_URL": f"sqlite:///{path}", "PORTAL_DEMO": "1"}
    )
    list(tables.migrate(config))
    Counter.create(series="keeps it open", last=1)
    files = [path, path.with_name("p.db-wal"), path.with_name("p.db-shm")]
    for file in files:
        file.chmod(0o644)
    data_folder.prepare(config)
    assert open_to_others(*files) == []
    assert database.execute_sql("SELECT 1").fetchone() == (1,)
    close_database()


def test_a_folder_that_cannot_be_written_is_named_with_the_cure(tmp_path, config):
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file" / "var", ROOT / "README.md"):
        with pytest.raises(ConfigError, match=r"PORTAL_DATA_DIR .* cannot be used: .*\. Name a folder"):
            data_folder.prepare(replace(config, data_dir=place))


def test_a_demonstrations_key_that_was_damaged_is_named(tmp_path):
    (tmp_path / "secret.key").write_text("half a k")
    with pytest.raises(ConfigError, match=r"secret\.key is damaged"):
        load({"PORTAL_DATA_DIR": str(tmp_path), "PORTAL_DEMO": "1"})
