"""Webhook of the server: who joined and left. Signed with a secret, valid for five minutes, idempotent (S55).

The format is 8x8's, X-Jaas-Signature; prosody/mod_portal_events.lua signs the same way on a self-hosted server. A
webhook call only adds to the call log: it never changes a visit.
"""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from portal.api import calls
from portal.api.base import Invalid
from portal.api.base import gettext as _
from portal.api.storage import write

from .models import JitsiCallback, JitsiRoom, JitsiSeat

HEADER = "X-Jaas-Signature"
MAX_BYTES = 16 * 1024
WINDOW = timedelta(minutes=5)
SIGNATURE = re.compile(r"t=([0-9]{1,12}),v1=([A-Za-z0-9+/]{43}=)")
Millis = Annotated[int, Field(ge=0, le=10**14)]
Text = Annotated[str, Field(max_length=300)]
What = Literal["joined", "left"]


class Data(BaseModel):
    """The participant: `id` is the seat that the token names, the full JID the page."""

    id: Text = ""
    full_jid: Annotated[Text, Field(alias="participantFullJid")] = ""


class Callback(BaseModel):
    """One event in a room; unknown fields are ignored."""

    model_config = ConfigDict(frozen=True)

    key: Annotated[Text, Field(alias="idempotencyKey", min_length=8, max_length=80)]
    event: Annotated[Text, Field(alias="eventType", max_length=60)]
    timestamp: Millis
    fqn: Text
    data: Data = Data()


def is_signed(header: str, body: bytes, secret: str, *, now: datetime) -> bool:
    """Verify the signature, within five minutes. Without a secret nothing is valid."""
    match = SIGNATURE.fullmatch(header)
    if not secret or not match:
        return False
    expected = base64.b64encode(hmac.digest(secret.encode(), match[1].encode() + b"." + body, hashlib.sha256))
    is_fresh = abs(now.timestamp() - int(match[1])) <= WINDOW.total_seconds()  # the number may be no valid date at all
    return is_fresh and hmac.compare_digest(expected, match[2].encode())


def receive(body: str, *, now: datetime) -> None:
    """Add an event to the call log. Idempotent. Raises Invalid for a malformed one; unknown rooms are ignored."""
    try:
        callback = Callback.model_validate_json(body)
    except ValidationError:
        raise Invalid({"": _("This is not a callback of the video server.")}) from None
    what = _kind(callback.event)
    if what is None:
        return
    with write():  # the key is spent only with the event, as the server calls again after a failure
        if _is_new(callback.key, now):
            _report(callback, what, now)


def _report(callback: Callback, what: What, now: datetime) -> None:
    name = callback.fqn.rpartition("/")[2].lower()
    seats = JitsiSeat.select(JitsiSeat, JitsiRoom).join(JitsiRoom)
    seat = seats.where((JitsiRoom.name == name) & (JitsiSeat.uid == callback.data.id)).first()
    if seat is not None:
        page = callback.data.full_jid.rpartition("/")[2]
        at = datetime.fromtimestamp(callback.timestamp / 1000, UTC)
        calls.report(seat.room.uid, seat.participant, what, now, connection=page, at=at)


def _kind(event: str) -> What | None:
    if event == "PARTICIPANT_JOINED":
        return "joined"
    return "left" if event == "PARTICIPANT_LEFT" else None


def _is_new(key: str, now: datetime) -> bool:
    return bool(JitsiCallback.insert(key=key, at=now).on_conflict_ignore().as_rowcount().execute())
