"""Attendance: doctors on duty or on a break; the session being served; leases of doctors on visits."""

import hashlib
from datetime import date, datetime, timedelta

import peewee

from portal.base.clock import clinic_day
from portal.base.lazy import lazy
from portal.core.accounts.models import SignIn, Staff
from portal.core.accounts.sign_ins import keeps_signed_in
from portal.core.beneficiaries.models import Beneficiary
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.clinic.sessions import find_session, hours, is_open
from portal.core.rosters.models import Leave
from portal.core.visits.models import Duty, Visit
from portal.core.visits.states import ACTIVE, CALLED, IN_CALL, OFF_DUTY, OPEN, READY
from portal.store.prepared import Prepared

DRAIN = timedelta(minutes=60)  # patients are served so long after closing
SEAMLESS = timedelta(minutes=1)
ON, OFF = "on", OFF_DUTY
RINGING = {CALLED}

# A polling page renews its lease every few seconds; one without JavaScript only by a click.
POLL_LEASE = timedelta(seconds=60)
PAGE_LEASE = timedelta(minutes=15)


def duty_of(doctor: Staff, session: ClinicSession | None) -> Duty | None:
    """Return this doctor's duty in a session, or None."""
    found: Duty | None = Duty.get_or_none((Duty.session == session) & (Duty.doctor == doctor)) if session else None
    return found


def duty_state(doctor: Staff, session: ClinicSession) -> str:
    """Return on, break10, break20, break30 or off."""
    row = duty_of(doctor, session)
    return str(row.state) if row else OFF


def is_on(doctor: Staff, session: ClinicSession) -> bool:
    """May this doctor call patients now?"""
    row = duty_of(doctor, session)
    return row is not None and row.state == ON and doctor.specialty_id == session.specialty_id


class Present(list[Duty]):
    """The duties of doctors on duty or on a break in a session."""

    @lazy
    def cache_key(self) -> str:
        """Equal keys show the same doctors. A digest, as each patient's key contains it."""
        shown = [(duty.doctor_id, duty.state, duty.until) for duty in self]
        return hashlib.sha256(repr(shown).encode()).hexdigest()

    @lazy
    def back_at(self) -> datetime | None:
        """When the first break ends, if all are on a break."""
        ends = [duty.until for duty in self if duty.until is not None]
        return min(ends) if ends and len(ends) == len(self) else None


@Prepared
def _there(session: object) -> peewee.Select:
    rows = Duty.select(Duty, Staff).join(Staff).where((Duty.session == session) & (Duty.state != OFF))
    return rows.order_by(Duty.id)


def present(session: ClinicSession) -> Present:
    """Load the doctors of a session who are on duty or on a break."""
    return Present(_there.all(session))


def active_visits(doctor: Staff) -> list[Visit]:
    """Return the doctor's active visits, of whichever day: one at most."""
    return list(Visit.select().where((Visit.doctor == doctor) & Visit.state.in_(ACTIVE)).order_by(Visit.id))


def renew_lease(doctor: Staff, now: datetime, *, polled: bool = True) -> None:
    """Renew the doctor's lease on active visits: POLL_LEASE by a poll, PAGE_LEASE by a click. Fresh leases are kept."""
    until = now + (POLL_LEASE if polled else PAGE_LEASE)
    stale = Visit.lease_until.is_null() | (Visit.lease_until != until)
    busy = (Visit.doctor == doctor) & Visit.state.in_(ACTIVE)
    if polled:
        stale = stale & ((Visit.lease_until < now + POLL_LEASE / 2) | (Visit.lease_until > until))
    if Visit.select().where(busy & stale).exists():
        Visit.update(lease_until=until).where(busy & stale).execute()


def take_phone(visit: Visit, now: datetime) -> None:
    """End the presence of the others on this mobile who wait: most families have one phone, and it is in a call now.

    Whoever has the waiting page open on another device is present again with its next poll.
    """
    Visit.update(here_until=now).where(_family_of(visit) & Visit.state.in_(READY) & (Visit.here_until > now)).execute()


def is_phone_taken(visit: Visit) -> bool:
    """Is somebody else on this mobile in a call? Then who does not answer has not missed a call."""
    return bool(Visit.select().where(_family_of(visit) & (Visit.state == IN_CALL)).exists())


def _family_of(visit: Visit) -> peewee.Expression:
    mobile = Beneficiary.select(Beneficiary.account).where(Beneficiary.id == visit.beneficiary_id)
    others = (Beneficiary.account == mobile) & (Beneficiary.id != visit.beneficiary_id)
    return Visit.beneficiary.in_(Beneficiary.select(Beneficiary.id).where(others))


@keeps_signed_in
def is_in_clinic(row: SignIn) -> bool:
    """Exempt from the idle timeout whoever waits for a turn or is with a patient."""
    if row.staff_id:
        busy = Visit.select().where((Visit.doctor == row.staff_id) & Visit.state.in_(ACTIVE))
    else:
        people = Beneficiary.select(Beneficiary.id).where(Beneficiary.account == row.account_id)
        while_in = RINGING if row.kiosk else OPEN  # who waits for long leaves the kiosk to others
        busy = Visit.select().where(Visit.beneficiary.in_(people) & Visit.state.in_(while_in))
    return bool(busy.exists())


def is_away(doctor: Staff, day: date) -> bool:
    """Is the doctor on leave on this day?"""
    return bool(Leave.select().where((Leave.doctor == doctor) & (Leave.day == day)).exists())


def serving(specialty: Specialty, now: datetime) -> ClinicSession | None:
    """Return the session being served: today's, or yesterday's while somebody waits there for a doctor on duty."""
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


def continues_overnight(session: ClinicSession) -> bool:
    """Does the next clinic day begin when this one ends? An around-the-clock clinic expires nobody at midnight."""
    following = session.day + timedelta(days=1)
    return is_open(session.specialty, following) and hours(following).opens_at - session.closes_at <= SEAMLESS
