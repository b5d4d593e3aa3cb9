"""Video calls in the browser (built in)

WebRTC between the browsers of patient, doctor and a third person whom the doctor invites. Sound and picture go straight
from one to the other, or through your own TURN server; only signals and typed lines pass through the portal.
"""

from datetime import datetime

from flask import Blueprint

from portal.api import clock, plugin
from portal.contracts import Action, HealthCheck, JoinLink, Participant, PluginSettings, Room, VisitFact
from portal.hookspecs import hookimpl

from . import actions, check_views, guest_views, rooms, turn_probe, views
from .settings import Settings

__all__ = ["check_views", "guest_views"]


@hookimpl
def settings_schema() -> type[PluginSettings]:
    """STUN and TURN servers; without any, the two browsers must reach each other directly."""
    return Settings


@hookimpl
def self_test() -> list[str]:
    """Every TURN server refuses strangers and takes our password (S54)."""
    return turn_probe.troubles(plugin.settings(rooms.PROVIDER, Settings), clock.now())


@hookimpl
def health_checks() -> list[HealthCheck]:
    """The same, looked at now and then."""
    return [HealthCheck("TURN", _probe)]


def _probe() -> None:
    found = self_test()
    if found:
        raise RuntimeError(" ".join(found))


@hookimpl
def blueprint() -> Blueprint:
    """The call's page and its signals."""
    return views.bp


@hookimpl
def open_room(visit: VisitFact, now: datetime) -> Room:
    """A new room with a random name."""
    return rooms.open_room(visit, now=now)


@hookimpl
def join_link(room: Room, participant: Participant, now: datetime) -> JoinLink | None:
    """A way into a room of ours, for one click within two minutes."""
    return rooms.join_link(room, participant, now=now) if room.provider == rooms.PROVIDER else None


@hookimpl
def close_room(room: Room) -> bool | None:
    """End the call of a room of ours and delete its signals."""
    return rooms.close_room(room.name, now=clock.now()) if room.provider == rooms.PROVIDER else None


@hookimpl
def visit_actions(visit: VisitFact, state: str, role: str) -> list[Action]:
    """The call check while waiting, its result for the doctor, and what was typed in the call."""
    return actions.of_visit(visit, state, role)
