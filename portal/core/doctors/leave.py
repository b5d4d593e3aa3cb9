"""A doctor's leave: for a later day, or the rest of today. Visits left without a doctor are carried or cancelled."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

import peewee

from portal.base.clock import clinic_day
from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.clinic.models import ClinicSession, bump
from portal.core.clinic.sessions import LOOK_AHEAD_DAYS, is_open, session_on
from portal.core.rosters.book import FIRST, SECOND
from portal.core.rosters.models import DoctorDay, Leave
from portal.core.rosters.reading import all_away
from portal.core.visits import attendance
from portal.core.visits.attendance import DRAIN
from portal.core.visits.events import TokenCancelled
from portal.core.visits.models import Duty, Visit
from portal.core.visits.services import REASON_LIMIT
from portal.core.visits.states import AWAY, CANCELLED, READY
from portal.core.visits.successors import CarryRule, carry_or_end_all
from portal.settings.clinic import QueueRules
from portal.store.db import locked, write
from portal.work.audit import Actor
from portal.work.catalogue import DomainEvent
from portal.work.events import record


@dataclass(frozen=True)
class LeaveTaken(DomainEvent, about="the doctor"):
    """A doctor takes leave, for a later day or the rest of today."""

    day: Annotated[str, "the day, ISO 8601"]


@dataclass(frozen=True)
class LeaveEnded(DomainEvent, about="the doctor"):
    """The doctor comes after all."""

    day: Annotated[str, "the day, ISO 8601"]


def take_leave(doctor: Staff, day: date, *, reason: str, by: Actor, now: datetime) -> Leave:
    """Mark a doctor as on leave. Without a colleague left, waiting visits are carried or cancelled, and patients told.

    Raises Invalid for a past or too distant day, Conflict with a patient or when on leave already.
    """
    today = clinic_day(now)
    if not today <= day <= today + timedelta(days=LOOK_AHEAD_DAYS):
        raise Invalid({"day": _("Choose today or a day of the next %(days)s days.", days=LOOK_AHEAD_DAYS)})
    reason = " ".join(reason.split())[:REASON_LIMIT]
    with write():
        sessions = _locked_sessions(doctor, day, now)
        if day == today and attendance.active_visits(doctor):
            raise Conflict(_("There is still a patient with this doctor. That visit must be completed first."))
        row = _insert(doctor, day, reason=reason, by=by, now=now)
        record(LeaveTaken(day=day.isoformat()), doctor.uid, by=by, now=now)
        for session in sessions:
            _settle(session, doctor, day, by=by, now=now)
    return row


def end_leave(doctor: Staff, day: date, *, by: Actor, now: datetime) -> None:
    """End a leave. Carried visits are not moved back. Raises NotFound."""
    with write():
        if not Leave.delete().where((Leave.doctor == doctor) & (Leave.day == day)).execute():
            raise NotFound
        record(LeaveEnded(day=day.isoformat()), doctor.uid, by=by, now=now)


def leaves_ahead(now: datetime, doctor: Staff | None = None) -> list[Leave]:
    """List leaves from today on, of one doctor or of all."""
    rows = Leave.select(Leave, Staff).join(Staff).where(Leave.day >= clinic_day(now))
    return list((rows if doctor is None else rows.where(Leave.doctor == doctor)).order_by(Leave.day, Leave.id))


def half_days_ahead(now: datetime, doctor: Staff | None = None) -> list[DoctorDay]:
    """List half days from today on, of one doctor or of all."""
    halves = (DoctorDay.day >= clinic_day(now)) & DoctorDay.part.in_((FIRST, SECOND))
    rows = DoctorDay.select(DoctorDay, Staff).join(Staff).where(halves)
    return list((rows if doctor is None else rows.where(DoctorDay.doctor == doctor)).order_by(DoctorDay.day))


def away_ahead(now: datetime, doctor: Staff | None = None) -> list[Leave | DoctorDay]:
    """List leaves and half days from today on, by day, of one doctor or of all."""
    found: list[Leave | DoctorDay] = [*leaves_ahead(now, doctor), *half_days_ahead(now, doctor)]
    return sorted(found, key=lambda row: (row.day, row.doctor.name))


def _locked_sessions(doctor: Staff, day: date, now: datetime) -> list[ClinicSession]:
    """Lock the open sessions that the leave affects: no calls or tokens there until the commit.

    Today's is created if need be, as a missing row cannot be locked; after midnight, leave for today covers
    yesterday's session while it is served (attendance.serving).
    """
    touched = ClinicSession.day == day
    if day == clinic_day(now):
        if doctor.specialty is not None and is_open(doctor.specialty, day):
            session_on(doctor.specialty, day)
        touched |= (ClinicSession.day < day) & (ClinicSession.closes_at > now - DRAIN)
    mine = (ClinicSession.specialty == doctor.specialty_id) & ClinicSession.closed_at.is_null() & touched
    return list(locked(ClinicSession.select().where(mine).order_by(ClinicSession.id)))


def _insert(doctor: Staff, day: date, *, reason: str, by: Actor, now: datetime) -> Leave:
    try:
        with write():
            return Leave.create(doctor=doctor, day=day, reason=reason, at=now, by_uid=by.uid)
    except peewee.IntegrityError as error:
        raise Conflict(_("This doctor is marked as away on that day already.")) from error


def _settle(session: ClinicSession, doctor: Staff, day: date, *, by: Actor, now: datetime) -> None:
    """End the doctor's duty and release visits that want this doctor; carry or end all if no doctor is left."""
    bump(session)
    Duty.update(state=attendance.OFF, until=None, changed_at=now).where(
        (Duty.session == session) & (Duty.doctor == doctor)
    ).execute()
    mine = (Visit.session == session) & (Visit.wanted_doctor == doctor) & Visit.state.in_(READY)
    Visit.update(wanted_doctor=None).where(mine).execute()
    is_left_alone = session.day < day and not attendance.present(
        session
    )  # past midnight no colleague comes on duty there
    if is_left_alone or (all_away(session.specialty, day) and not attendance.present(session)):
        rule = CarryRule(CANCELLED, TokenCancelled, AWAY, QueueRules.in_force().carries_on_leave)
        carry_or_end_all(session, rule, by=by, now=now)
