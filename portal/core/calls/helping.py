"""Helper mode: somebody of a centre's desk sits with the patient in the call, on the centre's device.

The helper is on the patient's side of the room; who it was stands in the call log, for the doctor and the family.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from portal.core.accounts.models import Staff
from portal.core.calls.models import HELPED, CallEvent, CallRoom
from portal.core.clinic.models import Centre
from portal.core.visits.models import Visit


@dataclass(frozen=True)
class Helper:
    """Who sat with the patient in a call, of which centre's desk, since when."""

    since: datetime
    staff: Staff
    centre: Centre


def helpers_by_room(visit: Visit) -> dict[int, list[Helper]]:
    """Map the ids of a visit's rooms to who sat with the patient there, the first one first."""
    found: dict[int, list[Helper]] = {}
    for room, helper in _helpers(CallRoom.visit == visit):
        found.setdefault(room.id, []).append(helper)
    return found


def helpers_of(visits: Iterable[Visit]) -> dict[int, list[Helper]]:
    """Map the ids of visits to who sat with the patient in a call: each once; one query."""
    found: dict[int, list[Helper]] = {}
    for room, helper in _helpers(CallRoom.visit.in_([visit.id for visit in visits])):
        before = found.setdefault(room.visit_id, [])
        if helper.staff not in [one.staff for one in before]:
            before.append(helper)
    return found


def calls_helped_by(uid: str, state: str) -> list[Visit]:
    """List the visits in this state in whose present call this member of staff sits with the patient."""
    present = (Visit.state == state) & (CallRoom.attempt == Visit.attempt) & (CallEvent.participant == uid)
    rooms = Visit.select().join(CallRoom, on=(CallRoom.visit == Visit.id)).join(CallEvent)
    return list(rooms.where((CallEvent.kind == HELPED) & present).order_by(Visit.id))


def _helpers(where: peewee.Expression) -> list[tuple[CallRoom, Helper]]:
    """List the helpers of some rooms, each with its room."""
    rows: Any = (
        CallEvent.select(CallEvent, CallRoom, Staff, Centre)
        .join(CallRoom)
        .switch(CallEvent)
        .join(Staff, on=(CallEvent.participant == Staff.uid), attr="helper")
        .join(Centre, on=(CallEvent.word == Centre.code), attr="of")
    )
    found = rows.where((CallEvent.kind == HELPED) & where).order_by(CallEvent.id)
    return [(row.room, Helper(row.at, row.helper, row.helper.of)) for row in found]
