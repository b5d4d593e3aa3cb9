"""The folder in which the web processes of one server count together (web/counted.py).

It lies in memory: the files are mapped, and to write a mapped page that a full disk has no room for ends the process.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from portal.config import Config

MEMORY = Path("/dev/shm")  # noqa: S108 the folder in it is this user's alone
PREFIX, LOCK = "portal-metrics-", "lock"
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # prometheus-client reads it when it is imported: in the web processes, not here


@contextmanager
def shared(config: Config) -> Iterator[None]:
    """Name an empty folder for the block: counts begin at 0 with the server, and outlive each of its processes."""
    root = MEMORY if os.access(MEMORY, os.W_OK) else config.data_dir
    _delete_left(root)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
    lock = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    os.environ[VARIABLE] = str(folder)
    try:
        yield
    finally:
        os.environ.pop(VARIABLE, None)
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _delete_left(root: Path) -> None:
    """Delete the folders of servers that were killed: nobody holds their lock."""
    for folder in root.glob(f"{PREFIX}*"):
        with suppress(OSError):  # another user's, another server's, or one that is being made
            lock = os.open(folder / LOCK, os.O_RDWR)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
            finally:
                os.close(lock)
