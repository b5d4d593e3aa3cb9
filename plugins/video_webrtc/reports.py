"""What the call tells the core's call log: who came and went, whether there is a picture, how good the line is."""

from datetime import datetime

from portal.api import calls
from portal.api.base import NotFound

from .messages import Bye, Hello, Message, Status
from .models import Seat
from .signals import Said


def report(seat: Seat, message: Message, said: Said, *, now: datetime) -> None:
    """Pass on what a message means for the log, if anything. A room that the core did not keep has no log."""
    try:
        if isinstance(message, Hello) and said.epoch:
            _tell(seat, "joined", now, connection=str(said.epoch))
        elif isinstance(message, Bye):
            _tell(seat, "left", now, connection=str(said.epoch))
        elif isinstance(message, Status):
            _tell(seat, "quality", now, word=message.quality)
            if seat.role == "patient":  # whether the doctor sees the patient decides what may be prescribed
                _tell(seat, "mode", now, word="video" if message.picture == "on" else "audio")
    except NotFound:
        return


def _tell(seat: Seat, what: calls.What, now: datetime, *, connection: str = "", word: str = "") -> None:
    calls.report(seat.room.uid, seat.participant, what, now, connection=connection, word=word)
