"""Series of the machine: disk, and PostgreSQL's connections where there are any."""

from portal import __version__
from portal.store import disk
from portal.store.db import is_sqlite
from tests.metrics.scraped import scrape


def test_the_disk_tells_what_is_left_and_what_is_needed(client):
    found = scrape(client)
    assert found.value("portal_disk_low_bytes") == disk.low_mark()
    assert abs(found.value("portal_disk_free_bytes") - disk.free()) < 1024**3
    assert found.value("portal_info", version=__version__) == 1


def test_the_connections_of_postgresql_count_by_state_and_sqlite_has_none(client):
    found = scrape(client)
    active = found.value("portal_database_connections", state="active")
    assert "portal_database_connections_limit" in found.families
    if is_sqlite():
        assert active is None
    else:
        assert active >= 1
        assert found.value("portal_database_connections_limit") >= active
