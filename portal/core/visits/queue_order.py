"""Who comes next: priority first, then token number, only people who are present, and nobody is overtaken for ever."""

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

OVERTAKES = 2  # so many priority calls in a row, then the first of the others

# Who asked first comes first. The visit's id is given by the database, whatever the hosts' clocks say; a visit that
# continues another one (transferred, carried) keeps that one's place.
_place = peewee.fn.COALESCE(Visit.place, Visit.id)
LINE = (Visit.priority.desc(), _place, Visit.number)


def in_line(session: ClinicSession) -> peewee.Select:
    """Everybody of a session who may be called, first in line first. A missed call keeps the place."""
    line = Visit.select().where((Visit.session == session) & Visit.state.in_(READY))
    return line.order_by(*LINE)


@Prepared
def _ahead(session: object, now: object, priority: object, place: object, number: object) -> peewee.Select:
    """Waiting people keep their place also while they are absent; after a missed call one has to be there."""
    returned = (Visit.state == AWAITING_RECALL) & (Visit.here_until > now)
    waiting = (Visit.session == session) & ((Visit.state == WAITING) | returned)
    earlier = (_place < place) | ((_place == place) & (Visit.number < number))
    before = (Visit.priority > priority) | ((Visit.priority == priority) & earlier)
    return Visit.select(peewee.fn.COUNT(Visit.id)).where(waiting & before).tuples()


def ahead_of(visit: Visit, now: datetime) -> int:
    """How many people come before this one in its line."""
    _minus, place, number = visit.order
    return int(_ahead.first(visit.session_id, now, visit.priority, place, number)[0])


def open_to(session: ClinicSession, doctor: Staff) -> peewee.Select:
    """The line as one doctor may call it: who was sent to a colleague waits for that one, while on duty here."""
    colleagues = Duty.select(Duty.doctor).where(
        (Duty.session == session) & (Duty.state != OFF_DUTY) & (Duty.doctor != doctor)
    )
    return in_line(session).where(Visit.wanted_doctor.is_null() | Visit.wanted_doctor.not_in(colleagues))


def first_present(session: ClinicSession, doctor: Staff, now: datetime) -> Visit | None:
    """Who is to be called now: the first present one, or the first without priority whose turn is overdue."""
    present = open_to(session, doctor).where(Visit.here_until > now)
    first: Visit | None = present.first()
    if first is None or not first.priority:
        return first
    normal: Visit | None = present.where(Visit.priority == 0).first()
    return normal if normal is not None and _is_overdue(session, normal) else first


def first_absent(session: ClinicSession, doctor: Staff, now: datetime) -> Visit | None:
    """Whose telephone to ring when only absent people wait: the least often rung, then the first in line."""
    away = (Visit.state == WAITING) & (Visit.here_until.is_null() | (Visit.here_until <= now))
    found: Visit | None = open_to(session, doctor).where(away).order_by(Visit.attempt, *LINE).first()
    return found


def tell_near_turn(session: ClinicSession, *, by: Actor, now: datetime) -> None:
    """Tell those who have come near the front, once each. Runs in the transaction that moved the line."""
    ahead = QueueRules.in_force().near_turn_ahead
    for place, visit in enumerate(in_line(session).limit(ahead + 1)):
        untold = Visit.update(near_turn_told=True).where((Visit.id == visit.id) & ~Visit.near_turn_told)
        if not visit.near_turn_told and claim(untold):
            record(NearTurn(token=visit.token, ahead=place), visit.uid, by=by, now=now)


def _is_overdue(session: ClinicSession, normal: Visit) -> bool:
    """Were the last calls, since this person asked, all of people with priority?

    Emergencies are the named exception: they count for nothing here, nor does a call that was taken back. What came
    first is told by the database's own sequence: the hosts' clocks may differ.
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
            & Transition.id.not_in(taken_back(session))
            & (Transition.id > asked)
        )
        .order_by(Transition.id.desc())
        .limit(OVERTAKES)
    )
    priorities = [visit.priority for visit in recent]
    return len(priorities) == OVERTAKES and all(priorities)


def taken_back(session: ClinicSession) -> peewee.Select:
    """The steps of a session that somebody has undone."""
    undone = Transition.select(Transition.undoes).join(Visit, on=Transition.visit)
    return undone.where((Visit.session == session) & Transition.undoes.is_null(False))
