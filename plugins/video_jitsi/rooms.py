"""Rooms and seats: opened, entered with a ticket, closed. A token is made at the click that needs it."""

import secrets
from datetime import datetime, timedelta

from portal.base.errors import Gone, NotFound
from portal.base.keys import random_uid
from portal.base.language import gettext as _
from portal.contracts import GatewayError, JoinLink, Participant, Room, VisitFact
from portal.core.accounts.models import Staff
from portal.core.accounts.sign_ins import SignedIn
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.calls import call_log
from portal.core.calls.models import CallRoom
from portal.core.calls.rooms import is_current
from portal.store.db import write

from . import tokens
from .models import JitsiCallback, JitsiRoom, JitsiSeat
from .settings import Settings

PROVIDER = "video_jitsi"
KEPT = timedelta(hours=12)


def open_room(visit: VisitFact, *, now: datetime) -> Room:
    """A room for this call attempt; its name is 128 random bits in lower case, as Jitsi compares it so."""
    room = Room(random_uid(), visit.uid, visit.attempt, PROVIDER, secrets.token_hex(16))
    with write():
        JitsiRoom.create(uid=room.uid, name=room.name, opened_at=now)
    return room


def join_link(room: Room, participant: Participant, *, now: datetime) -> JoinLink:
    """The way in for one person and one click. Raises GatewayError when the room is closed or not there."""
    is_open = (JitsiRoom.name == room.name) & JitsiRoom.closed_at.is_null()
    if not JitsiRoom.select().where(is_open).exists():
        raise GatewayError("the room is closed", permanent=True)
    ticket, ends_at = tokens.issue(room.name, participant, now=now)
    return JoinLink("embed", f"/x/{PROVIDER}/room/{ticket}", ends_at)


def close_room(name: str, *, now: datetime) -> bool:
    """No more tokens for this room; closing twice does no harm. Its seats stay, so that their pages learn of it."""
    with write():
        JitsiRoom.update(closed_at=now).where((JitsiRoom.name == name) & JitsiRoom.closed_at.is_null()).execute()
    return True


def sweep(now: datetime) -> None:
    """Delete rooms and callbacks of long ago; the core keeps the log of the calls."""
    with write():
        old = JitsiRoom.select(JitsiRoom.id).where(JitsiRoom.opened_at < now - KEPT)
        JitsiSeat.delete().where(JitsiSeat.room.in_(old)).execute()
        JitsiRoom.delete().where(JitsiRoom.opened_at < now - KEPT).execute()
        JitsiCallback.delete().where(JitsiCallback.at < now - KEPT).execute()


def redeem(text: str, person: SignedIn, *, now: datetime) -> JitsiSeat:
    """A seat for a ticket, once. Raises NotFound for another's ticket, Gone for a used or late one or a closed room."""
    ticket = tokens.read(text, now=now)
    if not _is_participant(person, ticket):
        raise NotFound
    with write():
        room = JitsiRoom.get_or_none((JitsiRoom.name == ticket.room) & JitsiRoom.closed_at.is_null())
        if room is None:
            raise over()
        if JitsiSeat.select().where(JitsiSeat.ticket == ticket.uid).exists():
            raise Gone(_("This way into the call was used already. Please reload the page."))
        return JitsiSeat.create(
            room=room, participant=ticket.participant, owner=person.actor.uid, role=ticket.role, ticket=ticket.uid
        )


def seat_of(uid: str, person: SignedIn) -> JitsiSeat:
    """The person's own seat. Raises NotFound for anybody else's."""
    seat: JitsiSeat | None = JitsiSeat.select(JitsiSeat, JitsiRoom).join(JitsiRoom).where(JitsiSeat.uid == uid).first()
    if seat is None or seat.owner != person.actor.uid:
        raise NotFound
    return seat


def require_open(seat: JitsiSeat) -> None:
    """Raises Gone when the room was closed, or the visit has gone on without it."""
    if seat.room.closed_at is not None or not is_current(seat.room.uid):
        raise over()


def admit(seat: JitsiSeat, settings: Settings, name: str, *, now: datetime) -> str | None:
    """A token for this click. None while the patient has to wait: the doctor is the first in every room.

    Raises Gone when the call is over.
    """
    require_open(seat)
    if seat.role == "patient" and not _is_doctor_in(seat, now):
        return None
    return tokens.make(
        settings, room=seat.room.name, seat=seat.uid, name=name, is_moderator=seat.role == "doctor", now=now
    )


def _is_doctor_in(seat: JitsiSeat, now: datetime) -> bool:
    """The doctor's frame has joined, and the doctor's page is alive: a browser that died tells nobody (F27)."""
    visit = CallRoom.get(CallRoom.uid == seat.room.uid).visit
    is_alive = visit.lease_until is not None and visit.lease_until > now
    return is_alive and call_log.is_there(seat.room.uid, "doctor", now=now)


def named(seat: JitsiSeat) -> Staff | RegisterEntry:
    """The row with the name of whoever sits there; a patient's name is the register's."""
    if seat.role == "doctor":
        return Staff.get(Staff.uid == seat.participant)
    return Beneficiary.get(Beneficiary.uid == seat.participant).entry


def over() -> Gone:
    """What a closed room answers."""
    return Gone(_("This call is over."))


def _is_participant(person: SignedIn, ticket: tokens.Ticket) -> bool:
    """A doctor is the member of staff; a patient is one of the people of the signed-in account."""
    if ticket.role == "doctor":
        return person.staff is not None and person.staff.uid == ticket.participant
    mine = (Beneficiary.uid == ticket.participant) & (Beneficiary.account == person.account)
    return person.account is not None and Beneficiary.select().where(mine).exists()
