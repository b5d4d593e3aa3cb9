"""The whole clinic day with the files in a store that speaks S3: nothing of people lies on the node."""

import re
from collections.abc import Iterator

import pytest

from portal.store.filing.bucket import Bucket
from portal.store.filing.current import FOLDERS
from tests.day.test_plain_http_day import STEPS, begin
from tests.s3 import environment_of, s3_server
from tests.servers import Portal, need, running_portal


@pytest.fixture(scope="module")
def portal_on_s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The demo as `make run` starts it, but for its files."""
    folder = tmp_path_factory.mktemp("portal")
    with s3_server(tmp_path_factory.mktemp("s3"), "files") as url:
        settings = environment_of(url) | {"PORTAL_STORE_URL": "s3://files/opd"}
        with running_portal(folder, **settings) as running:
            yield running


def in_the_store(portal: Portal) -> dict[str, int]:
    """How many files lie in each folder of the store."""
    place = Bucket("files", "opd", portal.environ)
    return {folder: sum(1 for _each in place.listed(folder)) for folder in FOLDERS}


def on_the_node(portal: Portal) -> list[str]:
    return [folder for folder in FOLDERS if (portal.data_dir / folder).exists()]


def test_the_whole_day_works_and_leaves_no_file_on_the_node(portal_on_s3, tmp_path):
    need("pdftotext", "nobody reads the prescription of the day")
    portal = portal_on_s3
    day = begin(portal)
    for step in STEPS:
        step(day)
    found = in_the_store(portal)
    assert found["records"] >= 4, "two records, and a preview of each"
    assert found["prescriptions"] >= 1
    assert on_the_node(portal) == []
    kept = found["records"] + found["prescriptions"]

    made = portal.command("backup", str(tmp_path / "b.tar"), "--without-key").stdout
    assert f"{kept} files of s3://files/opd, without the key" in made
    assert "PROBLEM" not in made
    assert "ok       file store" in portal.command("check", check=False).stdout

    back = portal.command("files", "move", "--to", str(tmp_path / "folder")).stdout
    assert re.search(rf"{sum(found.values())} files brought, 0 were there already", back)
    assert len(list((tmp_path / "folder" / "prescriptions").iterdir())) == found["prescriptions"]
    refused = portal.command("files", "move", "--to", str(tmp_path / "folder"), "--delete", check=False)
    assert refused.returncode == 1
    assert "the portal still uses s3://files/opd" in refused.stderr
    assert in_the_store(portal) == found
