"""Tokens: Jitsi's, which open one room to one person for two minutes, and our own tickets, which lead to them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from portal.api import signed
from portal.api.base import Gone, NotFound, one_line, random_uid, shortened
from portal.api.base import gettext as _
from portal.contracts import Participant

from .settings import Settings

LIFE = timedelta(minutes=2)
SKEW = timedelta(seconds=10)  # the server's clock may be a little behind ours
LONGEST_NAME = 80
TICKET = "video_jitsi ticket"
# What a token names replaces Jitsi's defaults, so everything that is not wanted is said.
NOT_WANTED = (
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
    """A token for one person and one room. Jitsi takes a token without an end, so ours always have one.

    All of `context.user` are strings, `room` is the exact lower-case name, `aud` one string: Jitsi refuses the rest.
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
        "exp": int((now + LIFE).timestamp()),
        "context": {"user": user, "features": dict.fromkeys(NOT_WANTED, "false")},
    }
    headers = {"kid": settings.key_id} if settings.algorithm == "RS256" else None
    key = settings.pem if settings.algorithm == "RS256" else settings.app_secret.get_secret_value()
    return jwt.encode(claims, key, settings.algorithm, headers)


def plain(name: str) -> str:
    """A name in one line, without what cannot be seen."""
    return shortened(one_line(name), LONGEST_NAME)


@dataclass(frozen=True)
class RoomTicket:
    """Who may enter which room in which role, once. The participant's name is not in it."""

    uid: str
    room: str
    participant: str
    role: str


def issue(room: str, participant: Participant, *, now: datetime) -> tuple[str, datetime]:
    """A ticket for one click, and when it ends."""
    ends_at = now + LIFE
    parts = (random_uid(), room, participant.uid, participant.role, str(int(ends_at.timestamp())))
    return signed.write(TICKET, *parts), ends_at


def read(text: str, *, now: datetime) -> RoomTicket:
    """The ticket. Raises NotFound when it is not one of ours, Gone when it is too old."""
    parts = signed.read(TICKET, text)
    if parts is None:
        raise NotFound
    uid, room, participant, role, ends_at = parts
    if now >= datetime.fromtimestamp(int(ends_at), UTC):
        raise Gone(_("This way into the call is too old. Please reload the page."))
    return RoomTicket(uid, room, participant, role)
