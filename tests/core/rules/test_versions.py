"""Versions of the tables: what is in force in a process, and what a new table would change."""

import pytest

from portal.core.rules import tables, versions
from portal.core.rules.models import RuleTable

LINE = {"substance": "zeburol", "most_a_day_mg": "10", "largest_mg": "5", "source": "label"}


@pytest.fixture(autouse=True)
def packaged():
    """Leave the packaged tables in force in this process."""
    yield
    tables.install(tables.InForce())


def take(now, *lines: dict[str, str]) -> tuple[versions.Changes, int]:
    rows = [*tables.rows("safety_doses"), *lines]
    return versions.take_over("safety_doses", rows, signed_by="Dr A. Rao", by="tests", file="doses.csv", now=now)


def test_a_version_is_in_force_after_the_next_look_and_its_number_is_kept(db, now) -> None:
    changes, number = take(now, LINE)
    assert (changes.added, changes.removed, number) == ((LINE,), (), 1)
    assert LINE not in tables.rows("safety_doses")
    versions.refresh()
    assert LINE in tables.rows("safety_doses")
    assert tables.in_force().number == 1
    assert [row.signed_by for row in RuleTable.select()] == ["Dr A. Rao"]


def test_the_same_table_again_is_no_version(db, now) -> None:
    assert take(now) == (versions.Changes(), 0)
    assert RuleTable.select().count() == 0


def test_a_changed_line_is_told_with_the_one_before(db, now) -> None:
    take(now, LINE)
    versions.refresh()
    rows = [row | {"largest_mg": "6"} if row == LINE else row for row in tables.rows("safety_doses")]
    changes = versions.changes_by("safety_doses", rows)
    assert changes.changed == ((LINE, LINE | {"largest_mg": "6"}),)


def test_a_table_of_another_database_is_not_in_force(db, now) -> None:
    take(now, LINE)
    versions.refresh()
    RuleTable.delete().execute()
    versions.refresh()
    assert tables.in_force().number == 0
    assert LINE not in tables.rows("safety_doses")


def test_what_is_made_of_the_tables_is_made_again_for_a_new_version(db, now) -> None:
    count = tables.per_version(lambda: len(tables.rows("safety_doses")))
    before = count()
    take(now, LINE)
    versions.refresh()
    assert count() == before + 1
