"""Checks of the machine: folders and their permissions, disk, fonts, libraries, clock zone."""

import json
import os
import resource
import sqlite3
import stat
from collections.abc import Iterable
from pathlib import Path

from portal.base import language
from portal.checks.finding import Finding, Findings
from portal.config import Config
from portal.core.paper import pdf
from portal.core.records.cleaning import virus_scan
from portal.sandbox.child_process import ChildFailed, WorkFailed
from portal.server.failures import sentence_of
from portal.store import disk, private
from portal.store.filing import current

OLDEST_SQLITE = (3, 35)  # RETURNING, which a claimed row needs
FEWEST_FILES = 4096
OVER_NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "fuse.glusterfs", "ceph", "afs"}
MOUNTS = Path("/proc/mounts")
OWN = "the portal's own user"


def data_folder(config: Config) -> Findings:
    """Is the data folder there, and may the portal write in it?"""
    folder = config.data_dir
    if not folder.is_dir():
        yield Finding(
            f"There is no data folder ({folder}) yet.",
            "Run `portal migrate`, which makes it, or correct PORTAL_DATA_DIR.",
        )
    elif not os.access(folder, os.W_OK | os.X_OK):
        yield Finding(
            f"The data folder {folder} cannot be written by this user.",
            f"Give it to {OWN} (chown), and run this command as that user.",
        )


def permissions(config: Config) -> Findings:
    """May others of this machine read the data folder, the key or the file with the environment?"""
    places = [config.data_dir, config.data_dir / "secret.key", Path.cwd() / "portal.env", config.sqlite_path]
    for path in places:
        if path is not None and path.exists() and stat.S_IMODE(path.stat().st_mode) & private.PRIVATE:
            mode = "700" if path.is_dir() else "600"
            yield Finding(f"Others of this machine may read {path}.", f"Type: chmod {mode} {path}")


def owner(config: Config) -> Findings:
    """Does everything in the data folder belong to one user, as after no command was typed as root?"""
    if not config.data_dir.is_dir():
        return
    whose = config.data_dir.stat().st_uid
    if others := [path for path in config.data_dir.rglob("*") if path.lstat().st_uid != whose]:
        yield Finding(
            f"{others[0]} belongs to another user than its data folder.",
            f"Give all of it to {OWN} (chown -R), and run every command of the portal as that user.",
        )


def disk_space(config: Config) -> Findings:
    """Is there room on the disk of the data folder?"""
    if config.data_dir.is_dir():
        disk.install(config.data_dir)
        if not disk.has_room():
            yield Finding(
                f"The disk is almost full: {disk.free() // disk.MB} MB are left, and no files are taken.",
                "Make room, or move the data folder to a larger disk.",
            )


def file_store(config: Config) -> Findings:
    """Can files be written to, and read from, the store that PORTAL_STORE_URL names?"""
    if not config.store_url:
        return
    try:
        current.store_at(config.store_url, config.data_dir, config.environ).probe()
    except OSError as error:
        yield Finding(f"The store of the files cannot be used: {error}.", "Nobody can open or send a file until then.")
    if config.store_url.startswith("s3://") and not config.environ.get("AWS_REGION"):
        yield Finding(
            "AWS_REGION is not set, and us-east-1 is assumed.",
            "Set it, as requests are signed for a region.",
            is_note=True,
        )


def file_system(config: Config) -> Findings:
    """Is a SQLite file on a disk of this machine, not on a network's?"""
    path = config.sqlite_path
    if path is None or not MOUNTS.exists():
        return
    kind = kind_of(path, MOUNTS.read_text("utf-8", "replace").splitlines())
    if kind in OVER_NETWORK:
        yield Finding(
            f"The database {path} lies on a network's disk ({kind}), where SQLite's locks and its log do not work.",
            "Move it to a disk of this machine, or use PostgreSQL (PORTAL_DATABASE_URL).",
        )


def kind_of(path: Path, mounts: Iterable[str]) -> str:
    """Return the kind of the file system that holds a path, by lines of /proc/mounts."""
    found = (line.split() for line in mounts)
    holding = [(fields[1], fields[2]) for fields in found if len(fields) > 2 and path.is_relative_to(fields[1])]
    return max(holding, key=lambda each: len(each[0]), default=("", ""))[1]


def sqlite_version(config: Config) -> Findings:
    """Is SQLite new enough?"""
    if config.is_sqlite and sqlite3.sqlite_version_info[:2] < OLDEST_SQLITE:
        yield Finding(
            f"SQLite {sqlite3.sqlite_version} is too old; the portal needs 3.35.",
            "Use a newer Python or system, or PostgreSQL (PORTAL_DATABASE_URL).",
        )


def open_files(config: Config) -> Findings:
    """May a process keep enough connections and files open?"""
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < FEWEST_FILES:
        yield Finding(
            f"A process may open {soft} files and connections here; a busy clinic has thousands of telephones.",
            "Set LimitNOFILE=65536 in the unit, as the files in deploy/ do; in a terminal: ulimit -n 65536",
            is_note=True,
        )


def translations(config: Config) -> Findings:
    """Are the Hindi texts there, and compiled after their last change?"""
    folder = language.FOLDER / "hi" / "LC_MESSAGES"
    compiled, text = folder / "messages.mo", folder / "messages.po"
    if not compiled.exists() and not text.exists():
        yield Finding("The Hindi texts are missing: pages and SMS are in English.", "Install the portal anew.")
    elif not compiled.exists() or (text.exists() and compiled.stat().st_mtime < text.stat().st_mtime):
        yield Finding("The Hindi texts are not compiled after their last change.", "Type: make install", is_note=True)


def libraries(config: Config) -> Findings:
    """Can a PDF be printed with the system's libraries?"""
    try:
        pdf.printers().run(json.dumps({"html": "<p>ok</p>", "identifier": "check"}).encode())
    except (ChildFailed, WorkFailed, OSError) as error:
        yield Finding(
            sentence_of(error) or f"No PDF can be printed: {error}".splitlines()[0][:300],
            "Type: scripts/system-libraries run",
        )


def virus_scanner(config: Config) -> Findings:
    """Does the virus scanner answer that PORTAL_CLAMAV names?"""
    virus_scan.install(config.clamav)
    if not config.clamav:
        yield Finding(
            "Uploads are not scanned for viruses: PORTAL_CLAMAV names no scanner.",
            "Install clamav-daemon and name its socket.",
            is_note=True,
        )
        return
    try:
        virus_scan.ping()
    except Exception as error:  # noqa: BLE001 whatever is wrong with it
        yield Finding(
            f"The virus scanner {config.clamav} does not answer, and uploads wait unread: {error}.",
            "Start clamd, let the portal's user reach its socket, or correct PORTAL_CLAMAV.",
        )


CHECKS = (
    data_folder,
    permissions,
    owner,
    disk_space,
    file_store,
    file_system,
    sqlite_version,
    open_files,
    translations,
    libraries,
    virus_scanner,
)
