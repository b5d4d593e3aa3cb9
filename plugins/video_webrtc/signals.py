"""Signals between the two pages of a room: said by one, heard by the other.

Every page that joins says hello and gets an epoch. The newest page of a role holds the seat; what was said before a
hello belongs to pages that are gone, and is deleted.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from portal.core.db import claim, write
from portal.core.errors import Conflict, TooMany
from portal.core.language import gettext as _

from .messages import Bye, Hello, Message
from .models import Seat, Signal, VideoRoom
from .rooms import over

MOST_SIGNALS = 3000  # an hour on a poor line takes a few hundred
OTHER = {"patient": "doctor", "doctor": "patient"}


@dataclass(frozen=True)
class Said:
    """The page's own epoch, and the epoch of the other side's page: 0 while nobody is there."""

    epoch: int
    peer: int


def say(seat: Seat, message: Message, *, now: datetime) -> Said:
    """Pass a message on. Raises Gone in a closed room, Conflict when a newer page has the seat, TooMany."""
    with write():
        number = _draw_number(seat.room)
        epoch = _take_seat(seat, number) if isinstance(message, Hello) else message.epoch
        _require_seat(seat, epoch)
        Signal.create(
            room=seat.room, number=number, to_role=OTHER[seat.role], kind=message.kind,
            epoch=epoch, peer=message.peer, body=message.body(), at=now,
        )  # fmt: skip
        if isinstance(message, Bye):
            Seat.update(epoch=0).where(Seat.id == seat.id).execute()
        return Said(epoch, _epoch_of(seat.room, OTHER[seat.role]))


def hear(seat: Seat, *, epoch: int, after: int) -> list[dict[str, Any]]:
    """What the other side said after number `after`. Raises Conflict when a newer page holds the seat."""
    _require_seat(seat, epoch)
    mine = (Signal.room == seat.room_id) & (Signal.to_role == seat.role) & (Signal.number > after)
    return [
        {"number": row.number, "kind": row.kind, "epoch": row.epoch, "peer": row.peer} | row.body
        for row in Signal.select().where(mine).order_by(Signal.number)
    ]


def _draw_number(room: VideoRoom) -> int:
    """The next number. The update locks the room's row, so that signals become visible in their order."""
    is_open = (VideoRoom.id == room.id) & VideoRoom.closed_at.is_null()
    raised = VideoRoom.update(last_number=VideoRoom.last_number + 1)
    if not claim(raised.where(is_open & (VideoRoom.last_number < MOST_SIGNALS))):
        if VideoRoom.select().where(is_open).exists():
            raise TooMany(_("This call has sent too many signals."))
        raise over()
    return int(VideoRoom.select(VideoRoom.last_number).where(VideoRoom.id == room.id).scalar())


def _take_seat(seat: Seat, number: int) -> int:
    """The page that says hello holds the role's seat from now on; its epoch is the number of its hello."""
    Seat.update(epoch=0).where((Seat.room == seat.room_id) & (Seat.role == seat.role)).execute()
    Seat.update(epoch=number).where(Seat.id == seat.id).execute()
    Signal.delete().where(Signal.room == seat.room_id).execute()
    return number


def _require_seat(seat: Seat, epoch: int) -> None:
    if epoch < 1 or Seat.select(Seat.epoch).where(Seat.id == seat.id).scalar() != epoch:
        raise Conflict(_("This call goes on in another window."))


def _epoch_of(room: VideoRoom, role: str) -> int:
    there = Seat.select(peewee.fn.MAX(Seat.epoch)).where((Seat.room == room.id) & (Seat.role == role))
    return int(there.scalar() or 0)
