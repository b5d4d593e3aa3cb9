"""A holiday on a day for which tokens are given: who waits is sent on, and the day's sessions close."""

from datetime import date, datetime

from portal.base.clock import clinic_day
from portal.core.clinic import closing
from portal.core.clinic.models import ClinicSession, Specialty, bump
from portal.core.clinic.sessions import is_open, is_working_day, session_on
from portal.core.doctors.planning.effects import waiting_by_day
from portal.core.doctors.planning.settling import close_session
from portal.settings.clinic import ClinicHours
from portal.store.db import locked
from portal.work.audit import Actor


def waiting_on(day: date, now: datetime) -> list[str]:
    """List who waits for a day that is a clinic day now: token and initials."""
    if day < clinic_day(now) or not is_working_day(day) or ClinicHours.in_force().demo_all_day:
        return []
    return waiting_by_day(ClinicSession.day == day).get(day, [])


def close_day(day: date, by: Actor, now: datetime) -> None:
    """Close the sessions of a new holiday. Belongs into its transaction. Raises Conflict with a patient in a call."""
    if day < clinic_day(now) or is_working_day(day):  # a demonstration around the clock keeps no holidays
        return
    for session in _sessions(day):
        if session.closed_at is None:
            close_session(session, by=by, now=now)


def reopen_day(day: date, now: datetime) -> None:
    """Open them again when it is no holiday any more. Who was sent on keeps the new day."""
    if day < clinic_day(now) or not is_working_day(day):
        return
    for session in _sessions(day):
        if session.closed_at is not None and now < session.closes_at and is_open(session.specialty, day):
            bump(session)
            ClinicSession.update(closed_at=None).where(ClinicSession.id == session.id).execute()


def prepare_day(day: date, now: datetime) -> None:
    """Create today's sessions, so that no token can be drawn beside a holiday that is written for today."""
    if day == clinic_day(now):
        for specialty in Specialty.select().where(Specialty.active).order_by(Specialty.id):
            if is_open(specialty, day):
                session_on(specialty, day)


def _sessions(day: date) -> list[ClinicSession]:
    return list(locked(ClinicSession.select().where(ClinicSession.day == day).order_by(ClinicSession.id)))


closing.closes_days(closing.Closing(waiting_on, prepare_day, close_day, reopen_day))
