"""Video calls in the browser (built in)

One-to-one WebRTC between the patient's and the doctor's browser. Sound and picture go straight from one to the other,
or through your own TURN server; only the signals that set up the call pass through the portal.
"""

from datetime import datetime

from flask import Blueprint

from portal.contracts import JoinLink, Participant, PluginSettings, Room, VisitFact
from portal.core import clock
from portal.hookspecs import hookimpl

from . import rooms, sweeps, views
from .settings import Settings

__all__ = ["sweeps"]


@hookimpl
def settings_schema() -> type[PluginSettings]:
    """STUN and TURN servers; without any, the two browsers must reach each other directly."""
    return Settings


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
