"""Video calls in the browser (built in)

WebRTC between the browsers of patient, doctor and a third person whom the doctor invites. Sound and picture go straight
from one to the other, or through your own TURN server; only signals and typed lines pass through the portal.
"""

from datetime import datetime

from flask import Blueprint

from portal.api import clock, plugin
from portal.contracts import Action, Event, HealthCheck, JoinLink, Participant, PluginSettings, Room, VisitFact
from portal.hookspecs import hookimpl

from . import actions, chat, check_views, guest_views, rooms, turn_probe, views
from .settings import Settings

__all__ = ["check_views", "guest_views"]


@hookimpl
def settings_schema() -> type[PluginSettings]:
    """Return the settings: STUN and TURN servers; without any, the browsers must reach each other directly."""
    return Settings


@hookimpl
def self_test() -> list[str]:
    """Check that every TURN server refuses strangers and accepts our password (S54)."""
    return turn_probe.troubles(plugin.settings(rooms.PROVIDER, Settings), clock.now())


@hookimpl
def health_checks() -> list[HealthCheck]:
    """Run the same checks from time to time, where there is a TURN server."""
    has_turn = plugin.settings(rooms.PROVIDER, Settings).turn_urls
    return [HealthCheck("TURN", _probe)] if has_turn else []


def _probe() -> None:
    found = self_test()
    if found:
        raise RuntimeError(" ".join(found))


@hookimpl
def blueprint() -> Blueprint:
    """Return the call's page and its signalling."""
    return views.bp


@hookimpl
def open_room(visit: VisitFact, now: datetime) -> Room:
    """Open a room with a random name."""
    return rooms.open_room(visit, now=now)


@hookimpl
def join_link(room: Room, participant: Participant, now: datetime) -> JoinLink | None:
    """Make the join link of one of our rooms, valid once and for two minutes."""
    return rooms.join_link(room, participant, now=now) if room.provider == rooms.PROVIDER else None


@hookimpl
def close_room(room: Room) -> bool | None:
    """Close one of our rooms and delete its signals."""
    return rooms.close_room(room.name, now=clock.now()) if room.provider == rooms.PROVIDER else None


@hookimpl
def visit_actions(visit: VisitFact, state: str, role: str) -> list[Action]:
    """Offer the call check while waiting, its result to the doctor, and the chat of the call."""
    return actions.of_visit(visit, state, role)


@hookimpl
def event_names() -> list[str]:
    """Subscribe to the end of retention."""
    return ["VisitCleared"]


@hookimpl
def on_event(event: Event) -> None:
    """Delete the chat of a visit whose retention is over. Idempotent."""
    chat.clear(event.subject)
