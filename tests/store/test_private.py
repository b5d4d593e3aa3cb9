"""Private files: permissions of new and existing files."""

import os
import stat

import pytest

from portal.app import create_app
from portal.config import ConfigError
from portal.store import private


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def own_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_permissions_are_restricted_and_new_files_are_private(tmp_path):
    folder = tmp_path / "records"
    folder.mkdir(mode=0o755)
    old = folder / "old.pdf"
    old.write_bytes(b"x")
    assert mode(old) == 0o644
    private.keep_private(tmp_path)
    (tmp_path / "new.sqlite").write_bytes(b"y")
    assert {mode(path) & 0o077 for path in (tmp_path, folder, old, tmp_path / "new.sqlite")} == {0}


def test_symbolic_links_are_not_followed(tmp_path):
    outside = tmp_path / "outside.txt"
    outside.write_text("not ours")
    inside = tmp_path / "data"
    inside.mkdir()
    (inside / "link").symlink_to(outside)
    private.keep_private(inside)
    assert mode(outside) == 0o644


def test_a_folder_that_cannot_be_restricted_raises_with_a_sentence(tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    with pytest.raises(PermissionError, match="can be read by others"):
        private.keep_private(shared)


def test_starting_restricts_the_permissions_of_the_data_folder(config):
    config.data_dir.mkdir(parents=True, exist_ok=True)
    seen = config.data_dir / "seen.txt"
    seen.write_text("x")
    seen.chmod(0o644)
    create_app(config)
    assert mode(seen) == 0o600


def test_a_world_writable_data_folder_is_a_config_error(config, tmp_path):
    config.data_dir.mkdir(parents=True, exist_ok=True)
    config.data_dir.chmod(0o1777)
    with pytest.raises(ConfigError, match="PORTAL_DATA_DIR"):
        create_app(config)
    config.data_dir.chmod(0o700)


def test_a_kept_file_has_its_name_only_when_it_is_whole(tmp_path):
    path, seen = tmp_path / "new" / "slip.pdf", []
    sha256 = private.keep(path, b"whole", lambda: seen.append(path.exists()))
    assert seen == [False]
    assert private.intact(path, sha256) == b"whole"
    assert private.keep(path, b"again") != sha256
    assert [file.name for file in path.parent.iterdir()] == ["slip.pdf"]
