"""Chat of a call. Kept with the visit, because the guidelines count it as part of its log; deleted with it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from portal.api.base import TooMany
from portal.api.base import gettext as _
from portal.api.storage import write

from . import signals
from .models import ChatLine, CheckResult, Seat

MOST_LINES = 500


def write_line(seat: Seat, text: str, *, epoch: int, now: datetime) -> None:
    """Store one line. Raises Gone, Conflict or TooMany like every signal."""
    with write():
        signals.draw_number(seat.room)
        signals.require_seat(seat, epoch)
        if ChatLine.select().where(ChatLine.visit_uid == seat.room.visit_uid).count() >= MOST_LINES:
            raise TooMany(_("There are too many messages in this call."))
        ChatLine.create(
            visit_uid=seat.room.visit_uid,
            attempt=seat.room.attempt,
            role=seat.role,
            name=seat.name,
            text=text,
            at=now,
        )


def lines_after(seat: Seat, last: int, starts_late: Callable[[Seat], bool]) -> list[dict[str, Any]]:
    """Return the lines after number `last`; only those since joining for whom `starts_late`, asked if there are any."""
    wanted = (ChatLine.visit_uid == seat.room.visit_uid) & (ChatLine.id > last)
    rows = list(ChatLine.select().where(wanted).order_by(ChatLine.id))
    if rows and starts_late(seat):
        rows = [row for row in rows if row.at > seat.admitted_at]
    return [
        {"number": row.id, "who": row.role, "name": row.name, "text": row.text, "at": row.at.isoformat()}
        for row in rows
    ]


def lines_of(visit_uid: str) -> list[ChatLine]:
    """Return every chat line of a visit."""
    return list(ChatLine.select().where(ChatLine.visit_uid == visit_uid).order_by(ChatLine.id))


def clear(visit_uid: str) -> None:
    """Delete the chat and the call check of a visit whose retention is over."""
    with write():
        ChatLine.delete().where(ChatLine.visit_uid == visit_uid).execute()
        CheckResult.delete().where(CheckResult.visit_uid == visit_uid).execute()
