"""Signalling between the pages of a room: sent by one, polled by the others.

Every page that joins says hello and gets an epoch. The newest page of a role holds the seat; signals from or to an
older one are stale, and deleted. The newcomer is told who is there, and calls them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.api.base import Conflict, TooMany
from portal.api.base import gettext as _
from portal.api.storage import claim, write

from .messages import EVERYBODY, Bye, Hello, Message
from .models import Seat, Signal, VideoRoom
from .rooms import over

MOST_SIGNALS = 3000  # an hour on a poor line takes a few hundred


@dataclass(frozen=True)
class SendResult:
    """Epoch of the page, 0 before admission; and for a newcomer the pages that are there already."""

    epoch: int
    others: tuple[dict[str, Any], ...] = ()


def send(seat: Seat, message: Message, *, now: datetime) -> SendResult:
    """Send a message. Raises Gone in a closed room, Conflict when a newer page holds the seat, TooMany."""
    if seat.admitted_at is None:
        return SendResult(0)
    with write():
        number = draw_number(seat.room)
        if isinstance(message, Hello):
            _take_seat(seat, number)
            _store(seat.room, number, message, number, {"who": seat.role, "name": seat.name}, now)
            return SendResult(number, _others(seat))
        require_seat(seat, message.epoch)
        _store(seat.room, number, message, message.epoch, message.body(), now)
        if isinstance(message, Bye):
            Seat.update(epoch=0).where(Seat.id == seat.id).execute()
        return SendResult(message.epoch)


def poll(seat: Seat, *, epoch: int, after: int) -> list[dict[str, Any]]:
    """Return the signals for this page after number `after`. Raises Conflict when a newer page holds the seat."""
    require_seat(seat, epoch)
    meant = Signal.peer.in_((epoch, EVERYBODY)) & (Signal.epoch != epoch) & (Signal.number > after)
    rows = Signal.select().where((Signal.room == seat.room_id) & meant).order_by(Signal.number)
    return [{"number": row.number, "kind": row.kind, "epoch": row.epoch} | row.body for row in rows]


def show_out(seat: Seat, *, now: datetime) -> None:
    """Remove a seat; the others are told as if its page had said bye."""
    with write():
        if seat.epoch:
            bye = Bye(kind="bye", epoch=seat.epoch)
            _store(seat.room, draw_number(seat.room), bye, seat.epoch, {}, now)
        Seat.delete().where(Seat.id == seat.id).execute()


def draw_number(room: VideoRoom) -> int:
    """Take the next number. The update locks the room's row, so that signals become visible in order."""
    is_open = (VideoRoom.id == room.id) & VideoRoom.closed_at.is_null()
    raised = VideoRoom.update(last_number=VideoRoom.last_number + 1)
    if not claim(raised.where(is_open & (VideoRoom.last_number < MOST_SIGNALS))):
        if VideoRoom.select().where(is_open).exists():
            raise TooMany(_("This call has sent too many signals."))
        raise over()
    return int(VideoRoom.select(VideoRoom.last_number).where(VideoRoom.id == room.id).scalar())


def require_seat(seat: Seat, epoch: int) -> None:
    """Check that this page holds the seat. Raises Conflict."""
    if epoch < 1 or Seat.select(Seat.epoch).where(Seat.id == seat.id).scalar() != epoch:
        raise Conflict(_("This call goes on in another window."))


def _store(room: VideoRoom, number: int, message: Message, epoch: int, body: dict[str, Any], now: datetime) -> None:
    Signal.create(room=room, number=number, kind=message.kind, epoch=epoch, peer=message.addressee, body=body, at=now)


def _take_seat(seat: Seat, number: int) -> None:
    """Give the seat of a role to the page that says hello; its epoch is the number of its hello."""
    role = (Seat.room == seat.room_id) & (Seat.role == seat.role)
    older = [row.epoch for row in Seat.select(Seat.epoch).where(role & (Seat.epoch > 0))]
    gone = Signal.epoch.in_(older) | Signal.peer.in_(older)
    Signal.delete().where((Signal.room == seat.room_id) & gone).execute()
    Seat.update(epoch=0).where(role).execute()
    Seat.update(epoch=number).where(Seat.id == seat.id).execute()


def _others(seat: Seat) -> tuple[dict[str, Any], ...]:
    there = (Seat.room == seat.room_id) & (Seat.role != seat.role) & (Seat.epoch > 0)
    rows = Seat.select().where(there).order_by(Seat.epoch)
    return tuple({"epoch": row.epoch, "who": row.role, "name": row.name} for row in rows)
