"""Listeners that close rooms when a visit moves on."""

from datetime import datetime

from portal.core.calls import rooms
from portal.core.visits.events import (
    CallMissed,
    DoctorLost,
    StepUndone,
    TokenExpired,
    VisitCalled,
    VisitCancelled,
    VisitCompleted,
    VisitNoShow,
    VisitNotHeld,
    VisitSkipped,
    VisitTransferred,
)
from portal.core.visits.models import Visit
from portal.plugin_host.registry import registry
from portal.work import jobs
from portal.work.events import Event, listener

GOING_ON = (
    VisitCompleted,
    VisitCalled,
    VisitSkipped,
    VisitCancelled,
    VisitNoShow,
    CallMissed,
    DoctorLost,
    TokenExpired,
    VisitTransferred,
    VisitNotHeld,
    StepUndone,
)


@listener(*GOING_ON)
def close_rooms(event: Event, now: datetime) -> None:
    """Close the rooms of a call that is over, at their provider."""
    visit = Visit.get_or_none(Visit.uid == event.subject)
    if visit is not None:
        rooms.close_rooms(registry(), visit, now=now, why=event.name)


@jobs.sweep(every=30)
def sweep_ended_rooms(now: datetime) -> None:
    """Retry to close rooms that a lost event or a provider's failure left open."""
    for row in rooms.ended_rooms():
        rooms.close_rooms(registry(), row.visit, now=now)
