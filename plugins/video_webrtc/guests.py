"""A third person in the call, a family member or a second doctor, whom the doctor invites by name and admits.

The link expires after a quarter of an hour and works once, for the browser that first pressed "Ask to come in"; the
doctor can revoke it at any time, and can remove the guest. There is one guest at a time.
"""

from datetime import datetime, timedelta

from portal.api.base import Conflict, Gone, Invalid, NotFound, one_line, random_uid, shortened
from portal.api.base import gettext as _
from portal.api.storage import claim, write
from portal.api.work import Actor, note

from . import signals, tickets
from .models import Invitation, Seat, VideoRoom
from .rooms import over

LIFE = timedelta(minutes=15)
GUEST = "guest"
LONGEST_NAME = 60


def invite(seat: Seat, name: str, *, by: Actor, now: datetime) -> Invitation:
    """Invite a person of this name. Raises Invalid without a name, Conflict while there is another guest."""
    name = shortened(one_line(name), LONGEST_NAME)
    if not any(sign.isalpha() for sign in name):
        raise Invalid({"name": _("Give the name of the third person.")})
    with write():
        signals.draw_number(seat.room)  # locks the room, and refuses a closed one
        if present(seat.room, now) is not None:
            raise Conflict(_("There is a third person already. Take back the link, or show the person out, first."))
        invitation = Invitation.create(room=seat.room, name=name, ends_at=now + LIFE)
        note("GuestInvited", seat.room.visit_uid, by=by, now=now, invitation=invitation.uid)
    return invitation


def present(room: VideoRoom, now: datetime) -> Invitation | None:
    """Return the current invitation: not revoked, and used or not yet expired."""
    mine = (Invitation.room == room.id) & Invitation.revoked_at.is_null()
    counts = Invitation.used_at.is_null(False) | (Invitation.ends_at > now)
    found: Invitation | None = Invitation.select().where(mine & counts).order_by(Invitation.id.desc()).first()
    return found


def state(room: VideoRoom, now: datetime) -> dict[str, str] | None:
    """Return the state of the third person, for the doctor's page."""
    invitation = present(room, now)
    if invitation is None:
        return None
    where = "invited"
    if invitation.used_at is not None:
        seat = seat_of(invitation)
        where = "in" if seat is not None and seat.admitted_at is not None else "asking"
    return {"uid": invitation.uid, "name": invitation.name, "state": where}


def by_link(text: str) -> Invitation:
    """Get the invitation of a link. Raises NotFound when the signature is not ours, Gone when the call is over."""
    found: Invitation | None = Invitation.get_or_none(Invitation.uid == tickets.invitation_of(text))
    if found is None:
        raise over()
    return found


def require_usable(invitation: Invitation, owner: str, now: datetime) -> Seat | None:
    """Return the seat of this browser, None before it asked. Raises Gone after use elsewhere, or when it expired."""
    if invitation.revoked_at is not None or invitation.room.closed_at is not None:
        raise over()
    seat = seat_of(invitation)
    if seat is not None and seat.owner == owner:
        return seat
    if invitation.used_at is not None:
        raise Gone(_("This link was used already. Please ask for a new one."))
    if now >= invitation.ends_at:
        raise Gone(_("This link is too old. Please ask for a new one."))
    return None


def ask_in(invitation: Invitation, owner: str, *, now: datetime) -> Seat:
    """Redeem the link, once (compare-and-set): a seat that waits for admission. Raises Gone when it cannot be used."""
    with write():
        seat = require_usable(invitation, owner, now)
        if seat is not None:
            return seat
        unused = (Invitation.id == invitation.id) & Invitation.used_at.is_null()
        if not claim(Invitation.update(used_at=now).where(unused)):
            raise Gone(_("This link was used already. Please ask for a new one."))
        return Seat.create(
            room=invitation.room,
            participant=random_uid(),
            owner=owner,
            role=GUEST,
            name=invitation.name,
            ticket=invitation.uid,
        )


def admit(seat: Seat, uid: str, *, by: Actor, now: datetime) -> None:
    """Admit the guest. Raises NotFound when nobody waits."""
    invitation = _of_room(seat, uid)
    with write():
        waiting = (Seat.ticket == invitation.uid) & Seat.admitted_at.is_null()
        if invitation.revoked_at is not None or not claim(Seat.update(admitted_at=now).where(waiting)):
            raise NotFound
        note("GuestAdmitted", seat.room.visit_uid, by=by, now=now, invitation=invitation.uid)


def remove(seat: Seat, uid: str, *, by: Actor, now: datetime) -> None:
    """Revoke the link, and remove whoever came by it."""
    invitation = _of_room(seat, uid)
    with write():
        unrevoked = (Invitation.id == invitation.id) & Invitation.revoked_at.is_null()
        if not claim(Invitation.update(revoked_at=now).where(unrevoked)):
            return
        guest = seat_of(invitation)
        if guest is not None:
            signals.show_out(guest, now=now)
        note("GuestRemoved", seat.room.visit_uid, by=by, now=now, invitation=invitation.uid)


def seat_of(invitation: Invitation) -> Seat | None:
    """Return the seat of this invitation."""
    found: Seat | None = Seat.select(Seat, VideoRoom).join(VideoRoom).where(Seat.ticket == invitation.uid).first()
    return found


def _of_room(seat: Seat, uid: str) -> Invitation:
    found: Invitation | None = Invitation.get_or_none((Invitation.uid == uid) & (Invitation.room == seat.room_id))
    if found is None:
        raise NotFound
    return found
