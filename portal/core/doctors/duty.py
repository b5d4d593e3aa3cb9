"""Going on duty, on a break and off."""

from datetime import datetime, timedelta

from portal.base.clock import clinic_day
from portal.base.errors import Conflict, Invalid
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.clinic.models import Specialty, bump
from portal.core.clinic.sessions import session_for
from portal.core.visits.attendance import OFF, ON, active_visits, is_away, serving
from portal.core.visits.events import DutyChanged
from portal.core.visits.models import Duty
from portal.store.db import write
from portal.work.audit import Actor
from portal.work.events import record

BREAKS = {"break10": 10, "break20": 20, "break30": 30}
STATES = (ON, *BREAKS, OFF)


def set_duty(doctor: Staff, specialty: Specialty, state: str, *, by: Actor, now: datetime) -> Duty:
    """Go on duty in the doctor's specialty, on a break, or off.

    Raises Invalid for an unknown state, Conflict while on leave, with a patient, or on a day without clinic.
    """
    if state not in STATES:
        raise Invalid({"state": _("Choose on duty, a break or off duty.")})
    with write():
        session = serving(specialty, now) or session_for(specialty, now)
        bump(session)
        if state != OFF and is_away(
            doctor, clinic_day(now)
        ):  # today's leave, even if yesterday's session is being served
            raise Conflict(_("You are marked as away today. End your leave first."))
        if state == OFF and active_visits(doctor):
            raise Conflict(_("You still have a patient. Complete that visit first."))
        until = now + timedelta(minutes=BREAKS[state]) if state in BREAKS else None
        Duty.delete().where((Duty.session == session) & (Duty.doctor == doctor)).execute()
        row = Duty.create(session=session, doctor=doctor, state=state, until=until, changed_at=now)
        record(DutyChanged(session=session.uid, state=state), doctor.uid, by=by, now=now)
    return row
