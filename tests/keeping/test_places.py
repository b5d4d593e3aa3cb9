"""Places of backups: a file, and an object in a real server that speaks S3 (moto's)."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from portal.keeping.manifest import Unusable
from portal.keeping.places import S3, File, Place, place_of
from tests.s3 import environment_of, s3_server

LARGE = 20 * 1024 * 1024  # more than two parts


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that speaks S3, with the bucket `backups`."""
    with s3_server(tmp_path_factory.mktemp("s3"), "backups") as url:
        yield url


@pytest.fixture
def s3(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The environment of that server."""
    for name, value in environment_of(server).items():
        monkeypatch.setenv(name, value)
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
