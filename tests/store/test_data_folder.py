"""Permissions of the data folder and the database's files, whichever command comes first."""

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


@pytest.mark.parametrize("first", ["migrate", "audit verify"])
def test_the_first_command_creates_everything_with_private_permissions(tmp_path, first):
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


def test_permissions_of_a_database_outside_the_data_folder_are_restricted_too(tmp_path):
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


def test_an_unwritable_data_folder_is_a_config_error_with_the_remedy(tmp_path, config):
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file" / "var", ROOT / "README.md"):
        with pytest.raises(ConfigError, match=r"PORTAL_DATA_DIR .* cannot be used: .*\. Name a folder"):
            data_folder.prepare(replace(config, data_dir=place))


def test_a_damaged_demo_key_is_a_config_error(tmp_path):
    (tmp_path / "secret.key").write_text("half a k")
    with pytest.raises(ConfigError, match=r"secret\.key is damaged"):
        load({"PORTAL_DATA_DIR": str(tmp_path), "PORTAL_DEMO": "1"})
