"""The data folder and SQLite's files: create them, check that they are writable, restrict their permissions."""

import errno
import os
import tempfile
from pathlib import Path

from portal.config import Config, ConfigError
from portal.store import private

# Suffixes of SQLite's files: the write-ahead log holds the newest rows.
ENDINGS = ("", "-wal", "-shm", "-journal")
FULL = {errno.ENOSPC, errno.EDQUOT}


def prepare(config: Config) -> None:
    """Create the data folder if missing; restrict it and the database's files to the portal's own user.

    Every command calls this before it opens the database, also when that is outside the folder. Raises ConfigError
    with what to do.
    """
    os.umask(private.PRIVATE)
    if config.only_looks:
        return
    try:
        config.data_dir.mkdir(parents=True, exist_ok=True)
        private.keep_private(config.data_dir, *_database_files(config))
        _write_something(config.data_dir)
    except OSError as error:
        reason = str(error.strerror or error).rstrip(".")
        raise ConfigError(
            f"PORTAL_DATA_DIR ({config.data_dir}) cannot be used: {reason}. "
            "Name a folder in which the portal's own user may write, or give it this one (chown)."
        ) from error


def _database_files(config: Config) -> list[Path]:
    path = config.sqlite_path
    return [Path(f"{path}{ending}") for ending in ENDINGS] if path else []


def _write_something(folder: Path) -> None:
    """Probe by writing: permissions say nothing of a read-only disk. A full disk is tolerated: rows have a reserve."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return
    except OSError as error:
        if error.errno not in FULL:
            raise
