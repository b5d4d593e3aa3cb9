"""The folder in which the web processes of one server count together (web/counted.py)."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from portal.config import Config

FOLDER = "metrics"
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # prometheus-client reads it when it is imported: in the web processes, not here


@contextmanager
def shared(config: Config) -> Iterator[None]:
    """Name an empty folder for the block: counts begin at 0 with the server, and outlive each of its processes."""
    folder = config.data_dir / FOLDER / str(config.port)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    os.environ[VARIABLE] = str(folder)
    try:
        yield
    finally:
        del os.environ[VARIABLE]
        shutil.rmtree(folder, ignore_errors=True)
