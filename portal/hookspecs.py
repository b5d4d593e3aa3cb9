"""The whole plugin API: every hook a plugin may implement, typed, one sentence each."""

from datetime import datetime
from wsgiref.types import WSGIApplication

import pluggy
from flask import Blueprint

from portal.contracts import (
    Action,
    BridgeReceipt,
    DocumentRef,
    Event,
    HealthCheck,
    JoinLink,
    Message,
    NavItem,
    Participant,
    PluginSettings,
    Receipt,
    Report,
    Room,
    SentMessage,
    VisitFact,
    VisitRecord,
)
from portal.store.sealed import SealedField, SealedJSONField

PROJECT = "portal"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def settings_schema() -> type[PluginSettings]:  # type: ignore[empty-body]
    """A fact: the model of this plugin's settings."""


@hookspec
def self_test() -> list[str]:  # type: ignore[empty-body]
    """Asked before this plugin is switched on: sentences that say, by trying, why it has to stay off (S54)."""


@hookspec
def sealed_columns() -> list[SealedField | SealedJSONField]:  # type: ignore[empty-body]
    """A fact: the columns of this plugin's own tables that hold sealed secrets; `portal rekey` seals them anew."""


@hookspec
def blueprint() -> Blueprint:  # type: ignore[empty-body]
    """A fact: the pages of this plugin, mounted at /x/<name>/."""


@hookspec
def event_names() -> list[str]:  # type: ignore[empty-body]
    """A fact: the events that `on_event` wants to hear of, by their names; without it all of them."""


@hookspec
def on_event(event: Event) -> None:
    """Something happened; called after commit, in a task, at least once, isolated from other plugins."""


@hookspec(firstresult=True)
def send_message(message: Message) -> Receipt | None:
    """Hand one text to the operator; raise GatewayError when that fails, None passes to the next plugin."""


@hookspec
def message_drivers() -> list[str]:  # type: ignore[empty-body]
    """A fact: the drivers this plugin can send by, in the order in which it asks them."""


@hookspec(firstresult=True)
def message_report(message: SentMessage) -> Report | None:
    """Ask the operator what became of a text of this plugin; None when that cannot be told."""


@hookspec(firstresult=True)
def open_room(visit: VisitFact, now: datetime) -> Room | None:
    """Make the room of one call attempt."""


@hookspec(firstresult=True)
def join_link(room: Room, participant: Participant, now: datetime) -> JoinLink | None:
    """Let one person into a room of this plugin, once, for a short time; None when the room is another's."""


@hookspec(firstresult=True)
def close_room(room: Room) -> bool | None:
    """End a room of this plugin and delete what it kept; None when the room is another's."""


@hookspec
def nav_items(role: str) -> list[NavItem]:  # type: ignore[empty-body]
    """Links to add to the navigation of this role."""


@hookspec
def visit_actions(visit: VisitFact, state: str, role: str) -> list[Action]:  # type: ignore[empty-body]
    """Links on the page of a visit in this state: the patient's (`beneficiary`) or the `doctor`'s."""


@hookspec
def health_checks() -> list[HealthCheck]:  # type: ignore[empty-body]
    """Probes of this plugin, run by a periodic task."""


@hookspec
def export_visit(visit: VisitRecord, kind: str) -> str | None:
    """A fact: a documented visit in the outside's format (`kind` prescription or visit), as text; None for neither."""


@hookspec(firstresult=True)
def push_prescription(document: DocumentRef) -> BridgeReceipt | None:
    """Take a stored prescription, whose patient agreed, to be sent outside; asking again does nothing more."""


@hookspec(firstresult=True)
def push_visit(document: DocumentRef) -> BridgeReceipt | None:
    """Take the notes of a completed visit, whose patient agreed, to be sent outside; asking again does nothing more."""


@hookspec
def sandbox() -> WSGIApplication:  # type: ignore[empty-body]
    """A fact: a stand-in of this plugin's other side, for demonstrations and tests, that says what it is."""
