"""The store of the deployment: what is read is verified, and a store that is down is no damaged file."""

from io import BytesIO
from pathlib import Path

import pytest

from portal.base.errors import Unavailable
from portal.store.filing import current
from portal.store.filing.bucket import Bucket
from portal.store.filing.folder import Folder
from tests.s3 import environment_of
from tests.servers import free_port


@pytest.mark.parametrize("reader", [current.intact, current.fetched])
def test_a_file_is_read_only_as_it_was_stored(db, config, reader):
    sha256 = current.keep("records/x", b"content")
    found = reader("records/x", sha256)
    with BytesIO(found) if isinstance(found, bytes) else found as stream:
        assert stream.read() == b"content"
    (config.data_dir / "records" / "x").write_bytes(b"c0ntent")
    assert reader("records/x", sha256) is None
    assert reader("records/none", sha256) is None


@pytest.mark.parametrize("reader", [current.intact, current.fetched])
def test_a_store_that_is_down_says_nothing_of_the_file(db, config, reader):
    nowhere = environment_of(f"http://127.0.0.1:{free_port()}")
    current.install("s3://files", config.data_dir, nowhere)
    with pytest.raises(Unavailable, match="try again in a moment"):
        reader("records/x", "")


def test_an_address_names_a_bucket_a_folder_or_the_data_folder():
    data_dir = Path("/srv/portal/var")
    places = [current.store_at(url, data_dir, {}) for url in ("", "file:///mnt/files", "s3://files/clinic/one")]
    assert [type(place) for place in places] == [Folder, Folder, Bucket]
    assert [place.address for place in places] == ["/srv/portal/var", "/mnt/files", "s3://files/clinic/one"]
