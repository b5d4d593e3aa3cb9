"""The answer to a COMMIT is lost on its way from the server (F08). Runs with --database postgresql."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from portal.config import Config
from portal.store.db import database
from tests.relay import Relay, relayed
from tests.sweeps.test_statements import deeds as deeds
from tests.sweeps.test_statements import everything


@pytest.fixture
def relay(config: Config) -> Iterator[tuple[str, Relay]]:
    if config.database_url.startswith("sqlite"):
        pytest.skip("PostgreSQL's own tests run with --database postgresql")
    with relayed(config.database_url) as found:
        yield found


@pytest.fixture
def app(relay, config: Config, request: pytest.FixtureRequest) -> Iterator:
    """The application, whose database is behind the relay."""
    from portal.app import create_app
    from portal.store.db import close_database

    found = create_app(replace(config, database_url=relay[0]))
    found.testing = True
    yield found
    close_database()


@pytest.mark.parametrize(("name", "then"), [("token", 303), ("next", 409), ("dispense", 303)])
def test_a_deed_whose_commit_got_no_answer_is_done_once_when_it_is_sent_again(relay, deeds, name, then) -> None:
    _url, way = relay
    before = everything()
    database.obj.close_all()  # a new connection says each statement in words
    way.cut_after = b'INSERT INTO "event"'
    lost = deeds[name]()
    assert way.cuts == 1
    database.obj.close()  # the test's own, as the request's is closed at its end
    assert (lost.status_code, lost.headers["Retry-After"]) == (503, "5")
    done = everything()
    assert done != before, "it was done all the same"
    again = deeds[name]()
    assert again.status_code == then  # the board of a doctor who has a patient already says so
    assert everything() == done, "and is not done a second time"
