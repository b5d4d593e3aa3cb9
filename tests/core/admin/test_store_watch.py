"""The watch over the store of the files: the overview says what is wrong, and no more once it is mended."""

from portal.core.admin.troubles import troubles
from portal.keeping.store_watch import sweep_store
from portal.store.filing import current
from tests.s3 import environment_of
from tests.servers import free_port


def told(now):
    return [trouble.text for trouble in troubles(now) if trouble.part == "files' store"]


def test_a_store_that_is_down_is_on_the_overview_until_it_is_mended(db, config, now):
    sweep_store(now)
    assert told(now) == []
    current.install("s3://files", config.data_dir, environment_of(f"http://127.0.0.1:{free_port()}"))
    sweep_store(now)
    (sentence,) = told(now)
    assert "no file is stored or read" in sentence
    assert "nothing answers there" in sentence
    current.install("", config.data_dir, {})
    sweep_store(now)
    assert told(now) == []
