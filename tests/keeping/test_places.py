"""Places of backups: a file, and an object in a real server that speaks S3 (moto's)."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

from portal.keeping.manifest import Unusable
from portal.keeping.places import S3, File, Place, place_of
from tests.servers import free_port, unavailable, wait_for

LARGE = 20 * 1024 * 1024  # more than two parts


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that speaks S3, with the bucket `backups`."""
    if not (find_spec("moto") and find_spec("obstore")):
        unavailable("moto or obstore is not installed, so no backup goes to S3 (make test installs them)")
    url, log = f"http://127.0.0.1:{(port := free_port())}", tmp_path_factory.mktemp("s3") / "log"
    line = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with log.open("wb") as out, subprocess.Popen(line, stdout=out, stderr=out) as child:

        def made() -> bool:
            with suppress(httpx.HTTPError):
                return httpx.put(f"{url}/backups").is_success
            return False

        try:
            wait_for(made, "the S3 server")
            yield url
        finally:
            child.terminate()


@pytest.fixture
def s3(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The environment of that server."""
    settings = {"ENDPOINT_URL": server, "ALLOW_HTTP": "true", "REGION": "us-east-1"}
    for name, value in (settings | {"ACCESS_KEY_ID": "key", "SECRET_ACCESS_KEY": "secret"}).items():
        monkeypatch.setenv(f"AWS_{name}", value)
    return server


@pytest.fixture(params=["file", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty place of either kind."""
    if request.param == "file":
        return File(tmp_path / "b.tar")
    request.getfixturevalue("s3")
    return S3("backups", f"{tmp_path.name}/b.tar")


def read(place: Place) -> bytes:
    with place.reading() as stream:
        return b"".join(iter(lambda: stream.read(100_000), b""))


def test_what_is_written_in_pieces_is_read_again(place):
    pieces = [bytes([number % 251]) * 1_000_003 for number in range(LARGE // 1_000_000)]
    with place.writing() as output:
        for piece in pieces:
            output.write(piece)
    assert read(place) == b"".join(pieces)


def test_what_fails_leaves_nothing(place):
    with pytest.raises(ZeroDivisionError), place.writing() as output:
        output.write(b"x" * LARGE)
        raise ZeroDivisionError
    with pytest.raises((Unusable, FileNotFoundError)):
        read(place)
    with place.writing() as output:  # and the name is free
        output.write(b"y")
    assert read(place) == b"y"


def test_nothing_is_replaced(place):
    with place.writing() as output:
        output.write(b"first")
    with pytest.raises(Unusable, match="replaces nothing"), place.writing() as output:
        output.write(b"second")
    assert read(place) == b"first"


def test_a_backup_is_deleted_once_and_for_all(place):
    with place.writing() as output:
        output.write(b"x")
    place.delete()
    place.delete()
    with pytest.raises((Unusable, FileNotFoundError)):
        read(place)


def test_an_upload_that_fails_leaves_no_parts_to_pay_for(s3):
    with pytest.raises(ZeroDivisionError), S3("backups", "parts.tar").writing() as output:
        output.write(b"x" * LARGE)
        raise ZeroDivisionError
    assert "<Upload>" not in httpx.get(f"{s3}/backups?uploads").text


def test_a_bucket_that_is_missing_is_a_sentence(s3):
    with pytest.raises(Unusable, match=r"nowhere/b\.tar cannot be used"), S3("nowhere", "b.tar").writing() as output:
        output.write(b"x")


def test_an_address_says_where(tmp_path):
    assert place_of(str(tmp_path / "b.tar")).name == str(tmp_path / "b.tar")
    assert place_of("s3://backups/folder/b.tar").name == "s3://backups/folder/b.tar"
    for wrong in ("ftp://host/b.tar", "s3://backups", "s3:///b.tar"):
        with pytest.raises(Unusable):
            place_of(wrong)
