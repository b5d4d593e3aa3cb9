"""Which session the doctors of a specialty serve at a moment: after midnight first those who were there before it."""

from datetime import datetime, timedelta

import peewee

from portal.base.clock import clinic_day
from portal.core.clinic.sessions import find_session, hours, is_working_day
from portal.core.clinic.specialties import Specialty
from portal.core.visits.models import ClinicSession, Duty, Visit
from portal.core.visits.states import OFF_DUTY, READY

DRAIN = timedelta(minutes=60)  # so long after its closing a session's people are still served
SEAMLESS = timedelta(minutes=1)


def serving(specialty: Specialty, now: datetime) -> ClinicSession | None:
    """Today's session, if it has been made; or yesterday's, while somebody waits there for a doctor on duty."""
    today = clinic_day(now)
    if clinic_day(now - DRAIN) < today:
        late: ClinicSession | None = _unfinished(specialty, today, now).first()
        if late is not None:
            late.specialty = specialty
            return late
    return find_session(specialty, now)


def _unfinished(specialty: Specialty, today: object, now: datetime) -> peewee.Select:
    waits = Visit.select(Visit.id).where((Visit.session == ClinicSession.id) & Visit.state.in_(READY))
    there = Duty.select(Duty.id).where((Duty.session == ClinicSession.id) & (Duty.state != OFF_DUTY))
    running = ClinicSession.closed_at.is_null() & (ClinicSession.closes_at > now - DRAIN)
    own = (ClinicSession.specialty == specialty) & (ClinicSession.day < today)
    found = ClinicSession.select().where(own & running & peewee.fn.EXISTS(waits) & peewee.fn.EXISTS(there))
    return found.order_by(ClinicSession.day)


def goes_on(session: ClinicSession) -> bool:
    """Does the next clinic day begin when this one ends? Around the clock nobody is sent home at midnight."""
    following = session.day + timedelta(days=1)
    return is_working_day(following) and hours(following).opens_at - session.closes_at <= SEAMLESS
