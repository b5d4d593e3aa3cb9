"""The order of calling: priority, then request; only present patients; no starvation by priority."""

from datetime import datetime

import peewee

from portal.core.accounts.models import Staff
from portal.core.clinic.models import ClinicSession
from portal.core.visits.events import NearTurn
from portal.core.visits.models import Duty, Transition, Visit
from portal.core.visits.states import AWAITING_RECALL, CALLED, EMERGENCY, OFF_DUTY, READY, WAITING
from portal.settings.clinic import QueueRules
from portal.store.db import claim
from portal.store.prepared import Prepared
from portal.work.audit import Actor
from portal.work.events import record

OVERTAKES = 2  # priority calls in a row, then the first patient without priority

# First come, first served by visit id: a database sequence, so clock skew between hosts does not matter. A successor
# (transferred, carried) keeps the place of the visit it continues.
_place = peewee.fn.COALESCE(Visit.place, Visit.id)
LINE = (Visit.priority.desc(), _place, Visit.number)


def in_line(session: ClinicSession) -> peewee.Select:
    """Select the waiting visits of a session in the order of calling. A missed call keeps the place."""
    line = Visit.select().where((Visit.session == session) & Visit.state.in_(READY))
    return line.order_by(*LINE)


@Prepared
def _ahead(session: object, now: object, priority: object, place: object, number: object) -> peewee.Select:
    """Count the visits before a place: waiting ones even if absent; after a missed call only present ones."""
    returned = (Visit.state == AWAITING_RECALL) & (Visit.here_until > now)
    waiting = (Visit.session == session) & ((Visit.state == WAITING) | returned)
    earlier = (_place < place) | ((_place == place) & (Visit.number < number))
    before = (Visit.priority > priority) | ((Visit.priority == priority) & earlier)
    return Visit.select(peewee.fn.COUNT(Visit.id)).where(waiting & before).tuples()


def ahead_of(visit: Visit, now: datetime) -> int:
    """Count the visits before this one in its queue."""
    _minus, place, number = visit.order
    return int(_ahead.first(visit.session_id, now, visit.priority, place, number)[0])


def callable_by(session: ClinicSession, doctor: Staff) -> peewee.Select:
    """Select the queue one doctor may call from: without visits transferred to a colleague who is on duty here."""
    colleagues = Duty.select(Duty.doctor).where(
        (Duty.session == session) & (Duty.state != OFF_DUTY) & (Duty.doctor != doctor)
    )
    return in_line(session).where(Visit.wanted_doctor.is_null() | Visit.wanted_doctor.not_in(colleagues))


def first_present(session: ClinicSession, doctor: Staff, now: datetime) -> Visit | None:
    """Return the visit to call: the first present one, or the first without priority if overdue."""
    present = callable_by(session, doctor).where(Visit.here_until > now)
    first: Visit | None = present.first()
    if first is None or not first.priority:
        return first
    normal: Visit | None = present.where(Visit.priority == 0).first()
    return normal if normal is not None and _is_overdue(session, normal) else first


def first_absent(session: ClinicSession, doctor: Staff, now: datetime) -> Visit | None:
    """Return the absent visit to ring: the least often called, then the first in order."""
    away = (Visit.state == WAITING) & (Visit.here_until.is_null() | (Visit.here_until <= now))
    found: Visit | None = callable_by(session, doctor).where(away).order_by(Visit.attempt, *LINE).first()
    return found


def tell_near_turn(session: ClinicSession, *, by: Actor, now: datetime) -> None:
    """Record NearTurn for visits near the front, once each. Runs in the transaction that moved the queue."""
    ahead = QueueRules.in_force().near_turn_ahead
    for place, visit in enumerate(in_line(session).limit(ahead + 1)):
        untold = Visit.update(near_turn_told=True).where((Visit.id == visit.id) & ~Visit.near_turn_told)
        if not visit.near_turn_told and claim(untold):
            record(NearTurn(token=visit.token, ahead=place), visit.uid, by=by, now=now)


def _is_overdue(session: ClinicSession, normal: Visit) -> bool:
    """Have the last OVERTAKES calls since this visit's request all been priority calls?

    Emergencies and undone calls do not count. Compared by the database's sequence, as hosts' clocks may differ.
    """
    asked = Transition.select(peewee.fn.MIN(Transition.id)).where(Transition.visit == (normal.place or normal.id))
    recent = (
        Visit.select(Visit.priority)
        .join(Transition)
        .where(
            (Visit.session == session)
            & (Transition.from_state == WAITING)
            & (Transition.to_state == CALLED)
            & (Transition.action != EMERGENCY)
            & Transition.id.not_in(undone_steps(session))
            & (Transition.id > asked)
        )
        .order_by(Transition.id.desc())
        .limit(OVERTAKES)
    )
    priorities = [visit.priority for visit in recent]
    return len(priorities) == OVERTAKES and all(priorities)


def undone_steps(session: ClinicSession) -> peewee.Select:
    """Select the ids of undone transitions of a session."""
    undone = Transition.select(Transition.undoes).join(Visit, on=Transition.visit)
    return undone.where((Visit.session == session) & Transition.undoes.is_null(False))
