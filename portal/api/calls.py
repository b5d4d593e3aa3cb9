"""Calls and what happens in them. A report adds to the log of the call; it never moves a visit.

A room is known by `contracts.Room.uid`, who is in it by `contracts.Participant.uid`.
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
    """The visit whose call a room is for. Raises NotFound."""
    row = Visit.select(Visit.uid).join(CallRoom).where(CallRoom.uid == room_uid).first()
    if row is None:
        raise NotFound
    return clinic.visit(row.uid)


def is_doctor_there(room_uid: str, *, now: datetime) -> bool:
    """Has the doctor joined this call, and is the doctor's page alive? A browser that died tells nobody (F27)."""
    row = Visit.select(Visit.lease_until).join(CallRoom).where(CallRoom.uid == room_uid).first()
    is_alive = row is not None and row.lease_until is not None and row.lease_until > now
    return is_alive and call_log.is_there(room_uid, "doctor", now=now)
