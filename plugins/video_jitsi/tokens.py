"""Jitsi's tokens (JWT), valid for one person, one room and two minutes, and our own one-time tickets for them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from portal.api import signed
from portal.api.base import Gone, NotFound, one_line, random_uid, shortened
from portal.api.base import gettext as _
from portal.contracts import Participant

from .settings import Settings

LIFETIME = timedelta(minutes=2)
SKEW = timedelta(seconds=10)  # tolerated clock skew of the server
LONGEST_NAME = 80
TICKET = "video_jitsi ticket"
# A token's features replace Jitsi's defaults, so each unwanted one is denied.
DENIED_FEATURES = (
    "livestreaming",
    "recording",
    "transcription",
    "outbound-call",
    "inbound-call",
    "sip-outbound-call",
    "sip-inbound-call",
    "file-upload",
    "create-polls",
)


def make(settings: Settings, *, room: str, seat: str, name: str, is_moderator: bool, now: datetime) -> str:
    """Make a JWT for one person and one room. Jitsi accepts a token without expiry, so ours always have one.

    All of `context.user` are strings, `room` is the exact lower-case name, `aud` one string: Jitsi refuses others.
    """
    user = {"id": seat, "name": plain(name), "affiliation": "owner" if is_moderator else "member"}
    if is_moderator or settings.is_service:
        user["moderator"] = "true" if is_moderator else "false"
    claims: dict[str, Any] = {
        "aud": settings.audience or "jitsi",
        "iss": settings.issuer or ("chat" if settings.is_service else settings.app_id),
        "sub": settings.subject or (settings.app_id if settings.is_service else settings.host.partition(":")[0]),
        "room": room,
        "jti": random_uid(),
        "iat": int(now.timestamp()),
        "nbf": int((now - SKEW).timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
        "context": {"user": user, "features": dict.fromkeys(DENIED_FEATURES, "false")},
    }
    headers = {"kid": settings.key_id} if settings.algorithm == "RS256" else None
    key = settings.pem if settings.algorithm == "RS256" else settings.app_secret.get_secret_value()
    return jwt.encode(claims, key, settings.algorithm, headers)


def plain(name: str) -> str:
    """Normalise a name: one line, no invisible characters, truncated."""
    return shortened(one_line(name), LONGEST_NAME)


@dataclass(frozen=True)
class RoomTicket:
    """Who may join which room in which role, once. It has no participant's name."""

    uid: str
    room: str
    participant: str
    role: str


def issue(room: str, participant: Participant, *, now: datetime) -> tuple[str, datetime]:
    """Issue a one-time ticket; return it and when it expires."""
    ends_at = now + LIFETIME
    parts = (random_uid(), room, participant.uid, participant.role, str(int(ends_at.timestamp())))
    return signed.write(TICKET, *parts), ends_at


def read(text: str, *, now: datetime) -> RoomTicket:
    """Verify a ticket. Raises NotFound when the signature is not ours, Gone when it has expired."""
    parts = signed.read(TICKET, text)
    if parts is None:
        raise NotFound
    uid, room, participant, role, ends_at = parts
    if now >= datetime.fromtimestamp(int(ends_at), UTC):
        raise Gone(_("This way into the call is too old. Please reload the page."))
    return RoomTicket(uid, room, participant, role)
