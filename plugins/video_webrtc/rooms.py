"""Rooms and seats: opened, joined with a ticket, closed with everything in them."""

from datetime import datetime, timedelta

from portal.api import clinic, plugin, work
from portal.api.base import Gone, NotFound, random_uid
from portal.api.base import gettext as _
from portal.api.storage import one_at_a_time, write
from portal.api.web import SignedIn
from portal.contracts import GatewayError, JoinLink, Participant, Room, VisitFact

from . import tickets
from .models import Invitation, Seat, Signal, VideoRoom

PROVIDER = "video_webrtc"
LONGEST_CALL = timedelta(hours=12)


def open_room(visit: VisitFact, *, now: datetime) -> Room:
    """Open a room for this call attempt; its name is 128 random bits."""
    with write():
        room = VideoRoom.create(
            uid=random_uid(), name=random_uid(), visit_uid=visit.uid, attempt=visit.attempt, opened_at=now
        )
    return Room(room.uid, visit.uid, visit.attempt, PROVIDER, room.name)


def join_link(room: Room, participant: Participant, *, now: datetime) -> JoinLink:
    """Make the join link of one person, valid once. Raises GatewayError when the room is closed or unknown."""
    is_open = (VideoRoom.name == room.name) & VideoRoom.closed_at.is_null()
    if not VideoRoom.select().where(is_open).exists():
        raise GatewayError("the room is closed", permanent=True)
    ticket, ends_at = tickets.issue(room.name, participant, now=now)
    return JoinLink("embed", f"/x/{PROVIDER}/room/{ticket}", ends_at)


def close_room(name: str, *, now: datetime) -> bool:
    """End the call: delete seats, signals and invitations at once. Idempotent."""
    with write():
        VideoRoom.update(closed_at=now).where((VideoRoom.name == name) & VideoRoom.closed_at.is_null()).execute()
        _empty(VideoRoom.select(VideoRoom.id).where(VideoRoom.name == name))
    return True


def sweep(now: datetime) -> int:
    """Delete rooms that nobody closed, or that were closed long ago. Returns how many."""
    with write():
        old = VideoRoom.opened_at < now - LONGEST_CALL
        _empty(VideoRoom.select(VideoRoom.id).where(old))
        return int(VideoRoom.delete().where(old).execute())


def redeem(text: str, person: SignedIn, *, now: datetime) -> Seat:
    """Redeem a ticket, once. Raises NotFound for another's ticket, Gone for a used or expired one or a closed room."""
    ticket = tickets.read(text, now=now)
    if not clinic.is_participant(ticket.participant, ticket.role, person.uid):
        raise NotFound
    with write():
        room = VideoRoom.get_or_none((VideoRoom.name == ticket.room) & VideoRoom.closed_at.is_null())
        if room is None:
            raise over()
        one_at_a_time(f"ticket {ticket.uid}")
        if Seat.select().where(Seat.ticket == ticket.uid).exists():
            raise Gone(_("This way into the call was used already. Please reload the page."))
        return Seat.create(
            room=room,
            participant=ticket.participant,
            owner=person.uid,
            role=ticket.role,
            ticket=ticket.uid,
            admitted_at=now,
        )


def seat_by_token(token: str, owner: str) -> Seat:
    """Get the seat of this browser's owner. Raises NotFound for another's token, Gone for a closed room."""
    seat: Seat | None = Seat.select(Seat, VideoRoom).join(VideoRoom).where(Seat.uid == tickets.seat_of(token)).first()
    if seat is None:
        raise over()
    if not owner or seat.owner != owner:
        raise NotFound
    return seat


def starts_late(seat: Seat) -> bool:
    """Does this seat read only what is written since it joined: a guest's, or that of who sits with the patient?"""
    return seat.role == "guest" or clinic.is_helper(seat.participant, seat.role, seat.owner)


def over() -> Gone:
    """Build the error of a closed room."""
    return Gone(_("This call is over."))


def _empty(rooms: object) -> None:
    Signal.delete().where(Signal.room.in_(rooms)).execute()
    Seat.delete().where(Seat.room.in_(rooms)).execute()
    Invitation.delete().where(Invitation.room.in_(rooms)).execute()


@work.sweep(every=3600)
def delete_old_rooms(now: datetime) -> None:
    """Delete expired rooms, while the plugin is on."""
    if plugin.is_on(PROVIDER):
        sweep(now)
