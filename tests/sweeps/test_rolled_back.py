"""A deed that the server rolls back for the sake of another is done again by the portal (F09), on PostgreSQL."""

import pytest

from portal.config import Config
from portal.core.visits.models import Visit
from portal.store.db import database
from tests.sweeps.test_statements import deeds as deeds
from tests.sweeps.test_statements import everything

# A sequence is the one thing that a rollback leaves as it is.
FAILING = """
CREATE SEQUENCE tries;
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF nextval('tries') <= {times} THEN RAISE EXCEPTION 'planted' USING ERRCODE = '{code}'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER failing BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION fail();
"""
TABLES = {"token": "visit", "next": "transition", "issue": "prescription", "dispense": "dispensing"}


@pytest.fixture
def failing(config: Config, deeds):
    """failing(table, times, code): the first inserts fail that often."""
    if config.database_url.startswith("sqlite"):
        pytest.skip("PostgreSQL's own tests run with --database postgresql")

    def plant(table: str, times: int, code: str) -> None:
        database.execute_sql(FAILING.format(table=table, times=times, code=code))

    yield plant
    database.execute_sql("DROP FUNCTION fail CASCADE; DROP SEQUENCE tries")


@pytest.mark.parametrize("code", ["40001", "40P01"])
@pytest.mark.parametrize("name", TABLES)
def test_a_deed_that_is_rolled_back_twice_is_done_at_the_third_try(failing, deeds, name: str, code: str) -> None:
    before, visits = everything(), Visit.select().count()
    failing(TABLES[name], 2, code)
    assert deeds[name]().status_code == 303
    assert everything() != before
    assert Visit.select().count() - visits == (name == "token"), "done once"


@pytest.mark.parametrize("name", TABLES)
def test_a_deed_that_is_rolled_back_three_times_is_refused_and_leaves_nothing(failing, deeds, name: str) -> None:
    before = everything()
    failing(TABLES[name], 3, "40001")
    answer = deeds[name]()
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
    assert everything() == before


@pytest.mark.parametrize("code", ["53100", "23505"])
def test_another_failure_is_not_tried_again(failing, deeds, code: str) -> None:
    failing("visit", 1, code)
    assert deeds["token"]().status_code in {409, 500, 503}
    assert database.execute_sql("SELECT last_value FROM tries").fetchone() == (1,)
