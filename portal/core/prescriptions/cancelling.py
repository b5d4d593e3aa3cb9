"""Cancelling: at once, at every centre. By the author, a colleague while the author is away, or an administrator."""

from datetime import datetime
from typing import Literal

from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.clinic.models import bump
from portal.core.consults import editions
from portal.core.prescribing import reasons
from portal.core.prescriptions import reading
from portal.core.prescriptions.events import PrescriptionCancelled
from portal.core.prescriptions.models import NEWEST, Prescription
from portal.core.visits import attendance
from portal.store.db import claim, write
from portal.work.audit import Actor
from portal.work.events import record

Standing = Literal["author", "colleague", "administrator"]
LONGEST_NUMBER = 24


def standing_of(staff: Staff, issued: Prescription, now: datetime) -> Standing | None:
    """As what may this member of staff cancel it? None for who may not."""
    if staff.role == "admin":
        return "administrator"
    if staff.role != "doctor":
        return None
    if issued.doctor_id == staff.id:
        return "author"
    is_colleague = staff.specialty_id == issued.visit.session.specialty_id
    return "colleague" if is_colleague and is_away(issued.doctor, now) else None


def is_away(doctor: Staff, now: datetime) -> bool:
    """Is this doctor neither on duty nor on a break now, or no longer here?"""
    session = attendance.serving(doctor.specialty, now) if doctor.specialty else None
    is_off = session is None or attendance.duty_state(doctor, session) == attendance.OFF
    return doctor.disabled_at is not None or is_off


def find(number: str) -> Prescription:
    """Find the prescription of a number, however it was typed. Raises Invalid when there is none."""
    plain = "".join(number.split()).upper()[:LONGEST_NUMBER]
    found: Prescription | None = Prescription.get_or_none(Prescription.number == plain) if plain else None
    if found is None:
        raise Invalid(
            {"number": _("No prescription has this number. It is printed at the top, such as RX-2611-000123.")}
        )
    return found


def cancel(issued: Prescription, staff: Staff, reason: str, *, by: Actor, now: datetime) -> None:
    """Cancel a prescription for the given reason; a draft of a correction goes with it.

    Raises NotFound for who may not, Invalid without a reason, Conflict when it was replaced or cancelled meanwhile.
    """
    standing = standing_of(staff, issued, now)
    if standing is None:
        raise NotFound
    because = reasons.read(reason)
    with write():
        bump(issued.visit.session)  # first, as the job that makes the file does
        holds = (Prescription.id == issued.id) & Prescription.cancelled_at.is_null() & NEWEST
        change = Prescription.update(cancelled_at=now, cancelled_by=staff, cancel_reason=because)
        if not claim(change.where(holds)):
            raise Conflict(_why_not(issued))
        editions.withdraw(issued.visit, by=by, now=now)
        told = PrescriptionCancelled(
            visit=issued.visit.uid,
            number=issued.number,
            version=issued.version,
            cancelled_as=standing,
            alone=True if standing == "administrator" else None,
        )
        record(told, issued.uid, by=by, now=now)


def _why_not(issued: Prescription) -> str:
    newest = reading.newest_of(issued.visit.uid)
    if newest.id == issued.id:
        return _("This prescription is cancelled already.")
    return _("This version is replaced by %(number)s: that is the one to cancel.", number=newest.number)
