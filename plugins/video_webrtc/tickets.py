"""Signed tokens, never stored: the one-time ticket of a person, the token of its seat, a guest's link."""

from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta

from portal.api import signed
from portal.api.base import Gone, NotFound, random_uid
from portal.api.base import gettext as _
from portal.contracts import Participant

TICKET, SEAT, INVITATION = "video_webrtc ticket", "video_webrtc seat", "video_webrtc invitation"
LIFE = timedelta(minutes=2)


@dataclass(frozen=True)
class SeatTicket:
    """Who may join which room in which role, until when. `uid` makes it one-time."""

    uid: str
    room: str
    participant: str
    role: str
    ends_at: int


def issue(room: str, participant: Participant, *, now: datetime) -> tuple[str, datetime]:
    """Issue a one-time ticket; return it and when it expires."""
    ends_at = now + LIFE
    ticket = SeatTicket(random_uid(), room, participant.uid, participant.role, int(ends_at.timestamp()))
    return signed.pack(TICKET, "|".join(map(str, astuple(ticket)))), ends_at


def read(text: str, *, now: datetime) -> SeatTicket:
    """Verify a ticket. Raises NotFound when the signature is not ours, Gone when it has expired."""
    uid, room, participant, role, ends_at = _opened(TICKET, text).split("|")
    ticket = SeatTicket(uid, room, participant, role, int(ends_at))
    if now >= datetime.fromtimestamp(ticket.ends_at, UTC):
        raise Gone(_("This way into the call is too old. Please reload the page."))
    return ticket


def seat_token(uid: str) -> str:
    """Sign the token that a page sends with each signal: the signed-in session alone can say nothing in a room."""
    return signed.pack(SEAT, uid)


def seat_of(token: str) -> str:
    """Verify a seat token; return the uid of the seat. Raises NotFound."""
    return _opened(SEAT, token)


def invitation_link(uid: str) -> str:
    """Sign the secret part of a guest's link: the database alone does not give it away."""
    return signed.pack(INVITATION, uid)


def invitation_of(text: str) -> str:
    """Verify a link; return the uid of the invitation. Raises NotFound."""
    return _opened(INVITATION, text)


def _opened(purpose: str, packed: str) -> str:
    text = signed.unpack(purpose, packed)
    if text is None:
        raise NotFound
    return text
