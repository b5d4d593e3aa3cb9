"""Reports to the core's call log: who joined and left, video or audio, connection quality."""

from datetime import datetime

from portal.api import calls
from portal.api.base import NotFound

from .messages import Bye, Hello, Message, Status
from .models import Seat


def report(seat: Seat, message: Message, epoch: int, *, now: datetime) -> None:
    """Report what a message means for the call log, if anything. A room unknown to the core has no log.

    `epoch`: of the page that sent it, 0 before admission.
    """
    try:
        if isinstance(message, Hello) and epoch:
            _tell(seat, "joined", now, connection=str(epoch))
        elif isinstance(message, Bye):
            _tell(seat, "left", now, connection=str(epoch), word="goodbye" if message.wanted else "")
        elif isinstance(message, Status):
            _tell(seat, "quality", now, word=message.quality)
            if seat.role == "patient":  # what may be prescribed depends on whether the doctor sees the patient
                _tell(seat, "mode", now, word="video" if message.picture == "on" else "audio")
    except NotFound:
        return


def _tell(seat: Seat, what: calls.What, now: datetime, *, connection: str = "", word: str = "") -> None:
    calls.report(seat.room.uid, seat.participant, what, now, connection=connection, word=word)
