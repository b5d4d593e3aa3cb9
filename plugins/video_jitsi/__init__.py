"""Video calls on your own Jitsi server

Calls run on a Jitsi Meet server of your own, or on 8x8's paid service. The portal makes the tokens: for one person, one
room and two minutes; only the doctor is moderator. Nothing is recorded.

The public server meet.jit.si is refused: it ends embedded calls after five minutes. Switching on is refused while the
server does not answer, lets anybody in (without a token, with an empty one, a foreign one, an old one), or does not
take ours.

What cannot be seen from outside is whether the server compares the room's name at the door: there the conference
component needs token_verification. On 8x8's service only the script is looked for; it always wants a token.
"""

from datetime import datetime

from flask import Blueprint

from portal.api import clock
from portal.contracts import HealthCheck, JoinLink, Participant, PluginSettings, Room, VisitFact
from portal.hookspecs import hookimpl

from . import probe, rooms, views
from .settings import Settings


@hookimpl
def settings_schema() -> type[PluginSettings]:
    """Return the settings: the server, and the key that signs its tokens."""
    return Settings


@hookimpl
def blueprint() -> Blueprint:
    """Return the pages: the call's frame, its tokens, the server's webhook."""
    return views.bp


@hookimpl
def open_room(visit: VisitFact, now: datetime) -> Room:
    """Open a room with a random name, if the server responds."""
    probe.require_server()
    return rooms.open_room(visit, now=now)


@hookimpl
def join_link(room: Room, participant: Participant, now: datetime) -> JoinLink | None:
    """Make the join link of one of our rooms, valid once and for two minutes."""
    return rooms.join_link(room, participant, now=now) if room.provider == rooms.PROVIDER else None


@hookimpl
def close_room(room: Room) -> bool | None:
    """Close a room: no more tokens, and its pages leave."""
    return rooms.close_room(room.name, now=clock.now()) if room.provider == rooms.PROVIDER else None


@hookimpl
def health_checks() -> list[HealthCheck]:
    """Check that the server responds, refuses other tokens, and accepts ours."""
    return probe.checks()


@hookimpl
def self_test() -> list[str]:
    """Run the same checks before the plugin is switched on."""
    return probe.problems()
