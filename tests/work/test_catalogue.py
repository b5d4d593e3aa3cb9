"""The catalogue of events: unknown events are refused, stored ones stay readable."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, get_type_hints

import pytest

from portal.work import events
from portal.work.audit import SYSTEM, AuditRow
from portal.work.catalogue import CATALOGUE, DomainEvent, name_of
from portal.work.events import Event, record
from portal.work.names import NameTaken
from scripts import events_page
from tests.fakes import ThingHappened

STORED = Path(__file__).parent / "stored_events.txt"


@dataclass(frozen=True)
class Row:
    """A stored event."""

    data: Mapping[str, object]


@dataclass(frozen=True)
class Happening(DomainEvent):
    """An abstract base, no event."""


def test_the_events_documentation_is_up_to_date(app):
    """When this fails: python -m scripts.events_page"""
    assert events_page.PAGE.read_text("utf-8") == events_page.page()


def test_stored_names_of_events_and_fields_are_permanent_and_in_order(app):
    """Stored rows, the audit chain, plugins and external scripts depend on them. Add new events to the list."""
    for line in STORED.read_text("utf-8").splitlines():
        name, *keys = line.split()
        assert [field.name.rstrip("_") for field in dataclasses.fields(CATALOGUE[name])][: len(keys)] == keys


def test_every_event_is_frozen_and_documented_with_its_fields(app):
    assert len(CATALOGUE) > 70
    for kind in CATALOGUE.values():
        assert "__dataclass_fields__" in vars(kind), kind
        assert kind.__dataclass_params__.frozen, kind
        assert str(kind.__doc__).endswith("."), kind
        hints = get_type_hints(kind, include_extras=True)
        assert [
            field.name for field in dataclasses.fields(kind) if not hasattr(hints[field.name], "__metadata__")
        ] == []


@pytest.mark.parametrize("wrong", ["TokenIssued", Happening()])
def test_an_event_outside_the_catalogue_cannot_be_recorded(db, now, wrong):
    with pytest.raises(TypeError, match="is no event of the catalogue"):
        record(wrong, "x", by=SYSTEM, now=now)
    assert Event.select().count() == 0


@pytest.mark.parametrize("wrong", ["TokenIsued", Happening])
def test_a_listener_for_an_unknown_event_is_refused(wrong):
    with pytest.raises(TypeError, match="is no event of the catalogue"):
        events.listener(wrong)


def test_a_duplicate_event_name_is_refused():
    with pytest.raises(NameTaken, match=r"Two events are called ThingHappened, in tests\.fakes and in"):
        type("ThingHappened", (DomainEvent,), {"__module__": __name__}, about="the thing")
    assert CATALOGUE["ThingHappened"] is ThingHappened


def test_events_and_audit_rows_store_fields_by_name_without_none(db, now):
    event = record(ThingHappened(number=1, from_="waiting"), "x", by=SYSTEM, now=now)
    assert (event.name, Event.get_by_id(event.id).data) == ("ThingHappened", {"number": 1, "from": "waiting"})
    row = AuditRow.get()
    assert (row.action, row.details) == ("ThingHappened", '{"from": "waiting", "number": 1}')


def test_an_event_stored_by_an_older_version_is_readable():
    """It lacks a newer field, and has a removed one."""

    @dataclass(frozen=True)
    class Grown(DomainEvent):
        token: Annotated[str, "a token"]
        later: Annotated[str, "came later, and somebody forgot its default"]
        latest: Annotated[int, "came later, with a default"] = 3

    told = Grown.of(Row({"token": "MED-001", "gone": True}))
    assert (told.token, told.latest) == ("MED-001", 3)
    with pytest.raises(AttributeError):
        _ = told.later


def test_an_event_with_a_removed_name_is_delivered(db, now, queue):
    stored = Event.create(name="GoneSince", subject="x", at=now, by_kind="system", by_uid="", data={}, next_at=now)
    events.deliver(stored.id, now)
    assert Event.get_by_id(stored.id).delivered_at is None  # a newer version beside this one may know it
    later = now + events.LEFT_TO_NEWER + timedelta(seconds=1)
    events.deliver(stored.id, later)
    assert Event.get_by_id(stored.id).delivered_at == later


def test_event_names_are_never_renamed():
    """Stored rows, audit rows and plugins depend on them."""
    assert {name_of(kind) for kind in CATALOGUE.values()} == set(CATALOGUE)
    assert all(kind.__name__ == name for name, kind in CATALOGUE.items())
