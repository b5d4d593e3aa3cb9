"""Which code works beside a migration, and what is noted of it in the database."""

import pytest

from portal.store import migrator
from portal.store.migrator import SchemaStep, Step

ONE, TWO = frozenset({"0001_a"}), frozenset({"0001_a", "0002_b"})


@pytest.mark.parametrize(
    ("serves", "stops"),
    [("", False), ("0001_a", False), ("0002_b", True), ("0003_c", True)],
    ids=["expands", "serves what came before", "serves a later one", "serves itself"],
)
def test_code_stops_before_what_does_not_serve_it(serves, stops):
    assert Step("core", "0003_c", serves, True, frozenset()).stops(ONE) is stops


def test_code_never_stops_before_a_migration_that_it_knows():
    assert not Step("core", "0002_b", "0002_b", True, frozenset()).stops(TWO)


def test_notes_of_newer_migrations_refuse_code_that_they_do_not_serve(db):
    for name, serves in (("9001_added", ""), ("9002_taken", "9001_added"), ("9003_of_a_plugin", "9003_of_a_plugin")):
        owner = "nobody" if "plugin" in name else "core"
        SchemaStep.create(owner=owner, name=name, serves=serves)
    known = {"core": frozenset(migrator.names())}
    assert migrator.refusing(known) == ["core/9002_taken"]
    assert migrator.refusing({"core": known["core"] | {"9001_added"}}) == []
    assert migrator.unserved() == ["9002_taken"]


def test_a_note_is_taken_back_unless_the_migration_was_applied(db):
    applied = sorted(migrator.names())[-1]
    steps = [Step("core", name, name, True, frozenset()) for name in ("9001_failed", applied)]
    assert migrator.note(steps)
    migrator.take_back(steps)
    assert [row.name for row in SchemaStep.select()] == [applied]
