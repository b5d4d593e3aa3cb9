"""Rooms and seats: opened, joined with a ticket, closed. Each token is made at the click that needs it."""

import secrets
from datetime import datetime, timedelta

from portal.api import calls, clinic, plugin, work
from portal.api.base import Gone, NotFound, random_uid
from portal.api.base import gettext as _
from portal.api.storage import one_at_a_time, write
from portal.api.web import SignedIn
from portal.contracts import GatewayError, JoinLink, Participant, Room, VisitFact

from . import tokens
from .models import JitsiCallback, JitsiRoom, JitsiSeat
from .settings import Settings

PROVIDER = "video_jitsi"
RETENTION = timedelta(hours=12)


def open_room(visit: VisitFact, *, now: datetime) -> Room:
    """Open a room for this call attempt; its name is 128 random bits in lower case, as Jitsi compares it so."""
    room = Room(random_uid(), visit.uid, visit.attempt, PROVIDER, secrets.token_hex(16))
    with write():
        JitsiRoom.create(uid=room.uid, name=room.name, opened_at=now)
    return room


def join_link(room: Room, participant: Participant, *, now: datetime) -> JoinLink:
    """Make the join link of one person, valid once. Raises GatewayError when the room is closed or unknown."""
    is_open = (JitsiRoom.name == room.name) & JitsiRoom.closed_at.is_null()
    if not JitsiRoom.select().where(is_open).exists():
        raise GatewayError("the room is closed", permanent=True)
    ticket, ends_at = tokens.issue(room.name, participant, now=now)
    return JoinLink("embed", f"/x/{PROVIDER}/room/{ticket}", ends_at)


def close_room(name: str, *, now: datetime) -> bool:
    """Close the room: no more tokens. Idempotent. Its seats stay, so that their pages learn of it."""
    with write():
        JitsiRoom.update(closed_at=now).where((JitsiRoom.name == name) & JitsiRoom.closed_at.is_null()).execute()
    return True


@work.sweep(every=3600)
def delete_old_jitsi_rooms(now: datetime) -> None:
    """Delete expired rooms and webhook keys, while the plugin is on; the core keeps the call log."""
    if not plugin.is_on(PROVIDER):
        return
    with write():
        old = JitsiRoom.select(JitsiRoom.id).where(JitsiRoom.opened_at < now - RETENTION)
        JitsiSeat.delete().where(JitsiSeat.room.in_(old)).execute()
        JitsiRoom.delete().where(JitsiRoom.opened_at < now - RETENTION).execute()
        JitsiCallback.delete().where(JitsiCallback.at < now - RETENTION).execute()


def redeem(text: str, person: SignedIn, *, now: datetime) -> JitsiSeat:
    """Redeem a ticket, once. Raises NotFound for another's ticket, Gone for a used or expired one or a closed room."""
    ticket = tokens.read(text, now=now)
    if not clinic.is_participant(ticket.participant, ticket.role, person.uid):
        raise NotFound
    with write():
        room = JitsiRoom.get_or_none((JitsiRoom.name == ticket.room) & JitsiRoom.closed_at.is_null())
        if room is None:
            raise over()
        one_at_a_time(f"ticket {ticket.uid}")
        if JitsiSeat.select().where(JitsiSeat.ticket == ticket.uid).exists():
            raise Gone(_("This way into the call was used already. Please reload the page."))
        return JitsiSeat.create(
            room=room, participant=ticket.participant, owner=person.uid, role=ticket.role, ticket=ticket.uid
        )


def seat_of(uid: str, person: SignedIn) -> JitsiSeat:
    """Get the person's own seat. Raises NotFound for anybody else's."""
    seat: JitsiSeat | None = JitsiSeat.select(JitsiSeat, JitsiRoom).join(JitsiRoom).where(JitsiSeat.uid == uid).first()
    if seat is None or seat.owner != person.uid:
        raise NotFound
    return seat


def require_open(seat: JitsiSeat) -> None:
    """Check that the call goes on. Raises Gone when the room is closed or the visit moved on."""
    if seat.room.closed_at is not None or not calls.is_current(seat.room.uid):
        raise over()


def admit(seat: JitsiSeat, settings: Settings, name: str, *, now: datetime) -> str | None:
    """Make a token for this click, or None while the patient has to wait: the doctor joins every room first.

    Raises Gone when the call is over.
    """
    require_open(seat)
    if seat.role == "patient" and not calls.is_doctor_there(seat.room.uid, now=now):
        return None
    return tokens.make(
        settings, room=seat.room.name, seat=seat.uid, name=name, is_moderator=seat.role == "doctor", now=now
    )


def named(seat: JitsiSeat) -> clinic.StaffMember | clinic.Patient:
    """Return the person of a seat; a patient's name is the register's."""
    return clinic.staff_member(seat.participant) if seat.role == "doctor" else clinic.patient(seat.participant)


def over() -> Gone:
    """Build the error of a closed room."""
    return Gone(_("This call is over."))
