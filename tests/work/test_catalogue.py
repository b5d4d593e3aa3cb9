"""The catalogue of events: what is not in it can be neither recorded nor listened to; what is stored stays readable."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
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
    """A base, and so no event."""


def test_the_page_for_authors_of_plugins_is_what_the_catalogue_says(app):
    """When this fails: python -m scripts.events_page"""
    assert events_page.PAGE.read_text("utf-8") == events_page.page()


def test_stored_names_of_events_and_fields_never_go_and_fields_keep_their_order(app):
    """Rows, the audit chain, plugins and scripts outside know them. What is new is added to the list with its event."""
    for line in STORED.read_text("utf-8").splitlines():
        name, *keys = line.split()
        assert [field.name.rstrip("_") for field in dataclasses.fields(CATALOGUE[name])][: len(keys)] == keys


def test_every_event_is_frozen_and_says_when_it_happens_and_what_each_field_means(app):
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
def test_what_is_not_in_the_catalogue_cannot_be_recorded(db, now, wrong):
    with pytest.raises(TypeError, match="is no event of the catalogue"):
        record(wrong, "x", by=SYSTEM, now=now)
    assert Event.select().count() == 0


@pytest.mark.parametrize("wrong", ["TokenIsued", Happening])
def test_nobody_can_listen_to_what_is_not_in_the_catalogue(wrong):
    with pytest.raises(TypeError, match="is no event of the catalogue"):
        events.listener(wrong)


def test_a_second_event_of_one_name_is_refused():
    with pytest.raises(NameTaken, match=r"Two events are called ThingHappened, in tests\.fakes and in"):
        type("ThingHappened", (DomainEvent,), {"__module__": __name__}, about="the thing")
    assert CATALOGUE["ThingHappened"] is ThingHappened


def test_events_and_audit_rows_hold_the_fields_under_their_stored_names_and_leave_out_what_is_missing(db, now):
    event = record(ThingHappened(number=1, from_="waiting"), "x", by=SYSTEM, now=now)
    assert (event.name, Event.get_by_id(event.id).data) == ("ThingHappened", {"number": 1, "from": "waiting"})
    row = AuditRow.get()
    assert (row.action, row.details) == ("ThingHappened", '{"from": "waiting", "number": 1}')


def test_an_event_of_an_older_version_is_read_as_far_as_it_goes():
    """It lacks a field that came later, and has one that is gone."""

    @dataclass(frozen=True)
    class Grown(DomainEvent):
        token: Annotated[str, "a token"]
        later: Annotated[str, "came later, and somebody forgot its default"]
        latest: Annotated[int, "came later, with a default"] = 3

    told = Grown.of(Row({"token": "MED-001", "gone": True}))
    assert (told.token, told.latest) == ("MED-001", 3)
    with pytest.raises(AttributeError):
        _ = told.later


def test_an_event_whose_name_no_version_knows_any_more_is_delivered(db, now, queue):
    stored = Event.create(name="GoneSince", subject="x", at=now, by_kind="system", by_uid="", data={}, next_at=now)
    events.deliver(stored.id, now)
    assert Event.get_by_id(stored.id).delivered_at == now


def test_a_name_is_given_once_and_for_all():
    """Rows, audit notes and plugins know it."""
    assert {name_of(kind) for kind in CATALOGUE.values()} == set(CATALOGUE)
    assert all(kind.__name__ == name for name, kind in CATALOGUE.items())
