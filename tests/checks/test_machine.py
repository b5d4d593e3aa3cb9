"""Misconfigured machines, made for real in a folder, and that each line vanishes with its cure."""

import os
import resource
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from portal.base import language
from portal.checks import machine
from portal.core.records.cleaning import virus_scan
from portal.store import disk
from tests.checks.looking import said
from tests.core.prescriptions.test_making import Break
from tests.core.prescriptions.test_making import break_printer as break_printer
from tests.s3 import environment_of
from tests.servers import free_port


def test_a_missing_data_folder_is_found_until_it_is_there(config, tmp_path):
    wrong = replace(config, data_dir=tmp_path / "nowhere")
    assert "There is no data folder" in said(machine.data_folder, wrong)
    (tmp_path / "nowhere").mkdir()
    assert said(machine.data_folder, wrong) == ""


def test_a_folder_or_key_that_others_can_read_is_found_until_it_is_closed(config, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    places = [config.data_dir, config.data_dir / "secret.key", tmp_path / "portal.env"]
    for path in places[1:]:
        path.write_text("x")
    for path in places:
        path.chmod(0o755 if path.is_dir() else 0o644)
    told = said(machine.permissions, config)
    assert all(f"{path}." in told for path in places)
    assert f"chmod 600 {tmp_path / 'portal.env'}" in told
    for path in [*places, *config.data_dir.glob("portal.db")]:
        path.chmod(0o700 if path.is_dir() else 0o600)
    assert said(machine.permissions, config) == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_found_until_it_is_given_back(config):
    path = config.data_dir / "record.pdf"
    path.write_text("x")
    os.chown(path, 65534, 65534)
    assert f"{path} belongs to another user" in said(machine.owner, config)
    os.chown(path, 0, 0)
    assert said(machine.owner, config) == ""


def test_a_store_that_cannot_be_used_is_found_with_its_cure(config, tmp_path):
    nowhere = environment_of(f"http://127.0.0.1:{free_port()}")
    assert "correct AWS_ENDPOINT_URL" in said(machine.file_store, replace(config, store_url="s3://b", environ=nowhere))
    (tmp_path / "file").touch()
    assert "cannot be used" in said(machine.file_store, replace(config, store_url=f"file://{tmp_path}/file"))
    assert said(machine.file_store, replace(config, store_url=f"file://{tmp_path}/files")) == ""
    assert said(machine.file_store, config) == ""


def test_a_full_disk_is_found(config, monkeypatch):
    monkeypatch.setattr(disk, "LOW", shutil.disk_usage(config.data_dir).total)
    monkeypatch.setattr(disk, "SMALL_PART", 1)
    assert "The disk is almost full" in said(machine.disk_space, config)
    monkeypatch.undo()
    assert said(machine.disk_space, config) == ""


def test_a_database_on_a_networks_disk_is_found(config, monkeypatch, tmp_path):
    local = replace(config, database_url=f"sqlite:///{tmp_path}/portal.db")
    mounts = tmp_path / "mounts"
    monkeypatch.setattr(machine, "MOUNTS", mounts)
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nserver:/x {tmp_path} nfs4 rw 0 0\n")
    assert "(nfs4)" in said(machine.file_system, local)
    mounts.write_text("/dev/vda / ext4 rw 0 0\n")
    assert said(machine.file_system, local) == ""


def test_the_kind_is_that_of_the_nearest_mount():
    mounts = ["/dev/a / ext4 rw 0 0", "x /srv nfs rw 0 0", "/dev/b /srv/portal xfs rw 0 0"]
    assert machine.kind_of(Path("/srv/portal/var/portal.db"), mounts) == "xfs"
    assert machine.kind_of(Path("/srv/portals"), mounts) == "nfs"


def test_an_old_sqlite_is_found(config, monkeypatch, tmp_path):
    local = replace(config, database_url=f"sqlite:///{tmp_path}/portal.db")
    assert said(machine.sqlite_version, local) == ""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 31, 1))
    assert "too old" in said(machine.sqlite_version, local)


@pytest.fixture
def limit() -> Iterator[tuple[int, int]]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield before
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_few_open_files_are_noted_until_the_limit_is_raised(config, limit):
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, limit[1]))
    assert "may open 1024 files" in said(machine.open_files, config)
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, limit[1]))
    assert said(machine.open_files, config) == ""


def test_missing_and_stale_hindi_is_found(config, monkeypatch, tmp_path):
    folder = tmp_path / "hi" / "LC_MESSAGES"
    monkeypatch.setattr(language, "FOLDER", tmp_path)
    assert "The Hindi texts are missing" in said(machine.translations, config)
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text("")
    assert "not compiled" in said(machine.translations, config)
    (folder / "messages.mo").write_text("")
    os.utime(folder / "messages.mo", (1, 1))
    assert "not compiled" in said(machine.translations, config)
    os.utime(folder / "messages.mo")
    assert said(machine.translations, config) == ""


def test_without_the_printers_library_the_check_names_it(config, break_printer: Break) -> None:
    break_printer("without_library")
    assert "libpango" in said(machine.libraries, config)


def test_a_virus_scanner_that_does_not_answer_is_a_problem_and_none_a_note(app, config, tmp_path):
    assert [finding.is_note for finding in machine.virus_scanner(config)] == [True]
    try:
        assert "No such file" in said(machine.virus_scanner, replace(config, clamav=str(tmp_path / "nobody.sock")))
    finally:
        virus_scan.install("")
