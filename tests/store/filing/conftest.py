"""Both kinds of store: a folder, and a bucket in a real server that speaks S3 (moto's)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.store.filing.bucket import Bucket
from portal.store.filing.folder import Folder
from portal.store.filing.kinds import FileStore
from tests.s3 import environment_of, s3_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with the bucket `files`."""
    with s3_server(tmp_path_factory.mktemp("s3"), "files") as url:
        yield url


@pytest.fixture
def bucket(server: str, tmp_path: Path) -> Bucket:
    """A part of the bucket that is empty."""
    return Bucket("files", tmp_path.name, environment_of(server))


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    """An empty store of either kind."""
    return Folder(tmp_path) if request.param == "folder" else request.getfixturevalue("bucket")
