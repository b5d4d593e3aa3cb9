"""Call rooms and their log. A report is appended to the call's log; it never changes a visit.

Rooms are identified by `contracts.Room.uid`, participants by `contracts.Participant.uid`.
"""

from datetime import datetime

from portal.api import clinic
from portal.base.errors import NotFound
from portal.core.calls import call_log
from portal.core.calls.call_log import What, report
from portal.core.calls.models import CallRoom
from portal.core.calls.rooms import is_current
from portal.core.visits.models import Visit

__all__ = ["What", "is_current", "is_doctor_there", "report", "visit_of_room"]


def visit_of_room(room_uid: str) -> clinic.Visit:
    """Return the visit of a room. Raises NotFound."""
    row = Visit.select(Visit.uid).join(CallRoom).where(CallRoom.uid == room_uid).first()
    if row is None:
        raise NotFound
    return clinic.visit(row.uid)


def is_doctor_there(room_uid: str, *, now: datetime) -> bool:
    """Has the doctor joined, and is the presence lease valid? A crashed browser does not report leaving (F27)."""
    row = Visit.select(Visit.lease_until).join(CallRoom).where(CallRoom.uid == room_uid).first()
    is_alive = row is not None and row.lease_until is not None and row.lease_until > now
    return is_alive and call_log.is_there(room_uid, "doctor", now=now)
