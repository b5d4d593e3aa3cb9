"""`portal backup` and `portal restore` with the files in a store outside the data folder."""

from dataclasses import replace
from io import BytesIO

import pytest

from portal.config import Config
from portal.core.records import files
from portal.core.records.models import HeldUpload
from portal.keeping.manifest import Unusable
from portal.store.filing import current
from tests.commands.test_keeping import back_up, restore
from tests.commands.test_keeping import only_sqlite as only_sqlite
from tests.commands.test_keeping import record as record
from tests.keeping.test_places import server as server
from tests.s3 import environment_of
from tests.servers import free_port


@pytest.fixture
def on_s3(config, server, db) -> Config:
    """The same deployment, whose files are in the bucket `backups`."""
    there = replace(config, store_url=f"s3://backups/{config.data_dir.parent.name}", environ=environment_of(server))
    current.install(there.store_url, there.data_dir, there.environ)
    return there


def test_files_of_a_store_outside_are_in_the_backup_and_brought_back_where_they_are_missing(
    only_sqlite, on_s3, now, tmp_path
):
    stored = [files.store(BytesIO(content)) for content in (b"one", b"two")]
    for one in stored:
        HeldUpload.create(title="x", kind="pdf", stored_name=one.name, size=3, sha256=one.sha256, held_at=now)
    made, problem = back_up(on_s3, tmp_path / "b.tar")
    assert (made.manifest.files, made.remarks, problem) == (2, [], "")
    assert made.source == on_s3.store_url
    files.forget(stored[0].name)
    told = restore(on_s3, tmp_path / "b.tar", now)
    assert f"1 files were brought to {on_s3.store_url}; what else is there stays there." in told
    assert [files.intact(one.name, one.sha256) for one in stored] == [b"one", b"two"]
    assert not (on_s3.data_dir / "records").is_dir() or not any((on_s3.data_dir / "records").iterdir())


def test_a_store_that_is_down_ends_a_backup_and_is_no_missing_file(on_s3, record, tmp_path):
    nowhere = environment_of(f"http://127.0.0.1:{free_port()}")
    current.install(on_s3.store_url, on_s3.data_dir, nowhere)
    with pytest.raises(Unusable, match="The files cannot be read"):
        back_up(on_s3, tmp_path / "b.tar")
    assert not (tmp_path / "b.tar").exists()
