"""Doctors on duty, on a break, away; and the lease by which a doctor holds a patient."""

import hashlib
from datetime import datetime, timedelta

import peewee

from portal.base.clock import clinic_day
from portal.base.errors import Conflict, Invalid
from portal.base.language import gettext as _
from portal.base.lazy import lazy
from portal.core.accounts.models import Staff
from portal.core.clinic.sessions import session_for, session_on
from portal.core.clinic.specialties import Specialty
from portal.core.visits.models import ClinicSession, Duty, Leave, Visit
from portal.core.visits.services import bump
from portal.core.visits.serving import serving
from portal.core.visits.states import ACTIVE, OFF_DUTY
from portal.store.db import write
from portal.store.prepared import Prepared
from portal.work.audit import SYSTEM, Actor
from portal.work.events import record

ON, OFF = "on", OFF_DUTY
BREAKS = {"break10": 10, "break20": 20, "break30": 30}
STATES = (ON, *BREAKS, OFF)

# A page that polls renews the lease every few seconds; a page without JavaScript says nothing between two clicks.
POLL_LEASE = timedelta(seconds=60)
PAGE_LEASE = timedelta(minutes=15)


def set_duty(doctor: Staff, specialty: Specialty, state: str, *, by: Actor, now: datetime) -> Duty:
    """Go on duty in the doctor's specialty, on a break, or off.

    Raises Invalid for another word, Conflict when leaving with a patient or on a day without clinic.
    """
    if state not in STATES:
        raise Invalid({"state": _("Choose on duty, a break or off duty.")})
    with write():
        session = serving(specialty, now) or session_for(specialty, now)
        bump(session)
        is_away = Leave.select().where((Leave.doctor == doctor) & (Leave.day == clinic_day(now))).exists()
        if state != OFF and is_away:  # today, also where those who wait since yesterday are served
            raise Conflict(_("You are marked as away today. End your leave first."))
        if state == OFF and active_visits(doctor):
            raise Conflict(_("You still have a patient. Complete that visit first."))
        until = now + timedelta(minutes=BREAKS[state]) if state in BREAKS else None
        Duty.delete().where((Duty.session == session) & (Duty.doctor == doctor)).execute()
        row = Duty.create(session=session, doctor=doctor, state=state, until=until, changed_at=now)
        record("DutyChanged", doctor.uid, by=by, now=now, session=session.uid, state=state)
    return row


def go_on(session: ClinicSession, now: datetime) -> None:
    """Where the next clinic day begins as this one ends: who is on duty stays on duty, without pressing again."""
    with write():
        for row in present(session):
            following = session_on(session.specialty, session.day + timedelta(days=1))
            away = Leave.select().where((Leave.doctor == row.doctor) & (Leave.day == following.day)).exists()
            if away or duty_of(row.doctor, following):
                continue
            bump(following)
            Duty.create(session=following, doctor=row.doctor, state=row.state, until=row.until, changed_at=now)
            record("DutyChanged", row.doctor.uid, by=SYSTEM, now=now, session=following.uid, state=row.state)


def duty_of(doctor: Staff, session: ClinicSession | None) -> Duty | None:
    """This doctor's duty in a session, or None."""
    found: Duty | None = Duty.get_or_none((Duty.session == session) & (Duty.doctor == doctor)) if session else None
    return found


def duty_state(doctor: Staff, session: ClinicSession) -> str:
    """on, a break, or off."""
    row = duty_of(doctor, session)
    return str(row.state) if row else OFF


def is_on(doctor: Staff, session: ClinicSession) -> bool:
    """May this doctor call patients now?"""
    row = duty_of(doctor, session)
    return row is not None and row.state == ON and doctor.specialty_id == session.specialty_id


class Present(list[Duty]):
    """The doctors of a session who are on duty or on a break, as everybody who waits for them reads it."""

    @lazy
    def mark(self) -> str:
        """Two equal marks show the same doctors. A digest, as each patient's own mark contains it."""
        shown = [(duty.doctor_id, duty.state, duty.until) for duty in self]
        return hashlib.sha256(repr(shown).encode()).hexdigest()

    @lazy
    def back_at(self) -> datetime | None:
        """When the first comes back, if all of them are on a break."""
        ends = [duty.until for duty in self if duty.until is not None]
        return min(ends) if ends and len(ends) == len(self) else None


@Prepared
def _there(session: object) -> peewee.Select:
    rows = Duty.select(Duty, Staff).join(Staff).where((Duty.session == session) & (Duty.state != OFF))
    return rows.order_by(Duty.id)


def present(session: ClinicSession) -> Present:
    """The doctors of a session who are on duty or on a break."""
    return Present(_there.all(session))


def active_visits(doctor: Staff) -> list[Visit]:
    """The visit this doctor is busy with: one at most, of whichever day."""
    return list(Visit.select().where((Visit.doctor == doctor) & Visit.state.in_(ACTIVE)).order_by(Visit.id))


def renew_lease(doctor: Staff, now: datetime, *, polled: bool = True) -> None:
    """The doctor's page was fetched, by a poll or by hand: whoever is with this doctor stays."""
    until = now + (POLL_LEASE if polled else PAGE_LEASE)
    stale = Visit.lease_until.is_null() | (Visit.lease_until != until)
    busy = (Visit.doctor == doctor) & Visit.state.in_(ACTIVE)
    if polled:
        stale = stale & ((Visit.lease_until < now + POLL_LEASE / 2) | (Visit.lease_until > until))
    if Visit.select().where(busy & stale).exists():
        Visit.update(lease_until=until).where(busy & stale).execute()
