"""Transfers of a visit: to another specialty of today, or to a colleague. The history stays linked."""

from datetime import datetime, timedelta

from portal.base.clock import clinic_day
from portal.base.errors import Conflict, Invalid
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.clinic.sessions import session_for
from portal.core.rosters.reading import all_away, doctors_of
from portal.core.visits import attendance
from portal.core.visits.attendance import serving
from portal.core.visits.events import VisitTransferred
from portal.core.visits.models import Visit
from portal.core.visits.outcomes import refuse_when_issued
from portal.core.visits.services import Step, stale
from portal.core.visits.states import ACTIVE, OPEN, READY, TRANSFER, TRANSFERRED
from portal.core.visits.successors import Continuation, continue_in, lock_in_order
from portal.settings.clinic import QueueRules
from portal.store.db import write
from portal.work.audit import Actor

Target = tuple[Specialty, Staff | None]


def transfer(visit: Visit, to: str, *, reason: str, by: Actor, now: datetime) -> Visit:
    """Transfer a visit; `to` is the code of another specialty or the username of a colleague on duty.

    The successor keeps the place in the order of requests (successors.py). One for a colleague is called by that one
    alone, while on duty here. Raises Invalid for a wrong target or no reason, Conflict when the target is closed or
    absent, the prescription is issued, or the visit is over.
    """
    specialty, colleague = find_target(visit, to, reason)
    if visit.state not in OPEN:
        raise Conflict(stale())
    if visit.session.day > clinic_day(now):  # carried there: the setting limits carries
        raise Conflict(_("This token is for another day. It can be sent on when that day has come."))
    refuse_when_issued(visit)
    onward = Continuation(TRANSFERRED, VisitTransferred, "doctor", " ".join(reason.split()), Step(TRANSFER))
    with write():
        session = serving(specialty, now) or session_for(specialty, now)
        lock_in_order(visit.session, session)  # until the commit nobody closes it or takes leave
        _require_open(ClinicSession.get_by_id(session.id), colleague, now)
        return continue_in(
            session, visit, onward, by=by, now=now, here_until=_present_until(visit, now), wanted_doctor=colleague
        )


def find_target(visit: Visit, to: str, reason: str) -> Target:
    """Find the target. Raises Invalid on `to` and `reason`."""
    problems = {} if reason.strip() else {"reason": _("Say why, so that the next doctor knows.")}
    own = visit.session.specialty
    specialty = Specialty.get_or_none((Specialty.code == to) & Specialty.active & (Specialty.id != own.id))
    colleague = None if specialty else doctors_of(own).where(Staff.username == to).first()
    if specialty is None and (colleague is None or colleague.id == visit.doctor_id):
        problems["to"] = _("Choose another specialty, or a colleague of your own.")
    if problems:
        raise Invalid(problems)
    return specialty or own, colleague


def targets(specialty: Specialty, doctor: Staff) -> list[tuple[str, Specialty | Staff]]:
    """List all targets of a doctor's transfers: (value of `to`, specialty or colleague)."""
    others = Specialty.select().where(Specialty.active & (Specialty.id != specialty.id)).order_by(Specialty.id)
    colleagues = doctors_of(specialty).where(Staff.id != doctor.id).order_by(Staff.name)
    return [*((row.code, row) for row in others), *((row.username, row) for row in colleagues)]


def _require_open(session: ClinicSession, colleague: Staff | None, now: datetime) -> None:
    late = session.closed_at is not None or (now >= session.closes_at and not attendance.present(session))
    if late or (all_away(session.specialty, session.day) and not attendance.present(session)):
        raise Conflict(_("That clinic is closed today. Complete the visit and advise a new token for another day."))
    if colleague is not None and attendance.duty_state(colleague, session) == attendance.OFF:
        raise Conflict(_("%(doctor)s is not on duty now. Send the patient to somebody who is.", doctor=colleague.name))


def _present_until(visit: Visit, now: datetime) -> datetime | None:
    """Return the successor's presence: an active patient is present, a waiting one as before."""
    by_page = now + timedelta(seconds=QueueRules.in_force().presence_seconds)
    if visit.state in ACTIVE:
        return max(visit.here_until or by_page, by_page)
    return visit.here_until if visit.state in READY else None
