"""Cancelling: at once, at every centre. By the author, a colleague while the author is away, or an administrator.

Where the clinic demands it, one administrator asks and another confirms.
"""

from datetime import datetime, timedelta
from typing import Literal

from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.clinic.models import bump
from portal.core.consults import editions
from portal.core.prescribing import reasons
from portal.core.prescriptions import reading
from portal.core.prescriptions.events import PrescriptionCancelled
from portal.core.prescriptions.files import later
from portal.core.prescriptions.models import NEWEST, CancelRequest, Prescription
from portal.core.visits import attendance
from portal.settings.clinic import PaperRules
from portal.store.db import claim, one_at_a_time, write
from portal.work import audit
from portal.work.audit import Actor
from portal.work.events import record

Standing = Literal["author", "colleague", "administrator"]
LONGEST_NUMBER = 24
ASKED_FOR = timedelta(hours=24)  # what nobody confirms within a day is asked anew


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


def cancel(
    issued: Prescription, staff: Staff, reason: str, *, by: Actor, now: datetime, confirmed: bool = False
) -> None:
    """Cancel a prescription for the given reason; a draft of a correction goes with it.

    `confirmed`: a second administrator, who is `by`, has confirmed what `staff` asked for (`ask`). Raises
    NotFound for who may not, Invalid without a reason, Conflict when it was replaced or cancelled meanwhile.
    """
    standing = standing_of(staff, issued, now)
    if standing is None:
        raise NotFound
    because = reasons.read(reason)
    with write():
        bump(issued.visit.session)  # first, as the job that makes the file does
        holds = (Prescription.id == issued.id) & Prescription.cancelled_at.is_null() & NEWEST
        change = Prescription.update(
            cancelled_at=now, cancelled_by=staff, cancel_reason=because, signature=later.wanted()
        )
        if not claim(change.where(holds)):
            raise Conflict(_why_not(issued))
        later.enqueue(issued)
        editions.withdraw(issued.visit, by=by, now=now)
        told = PrescriptionCancelled(
            visit=issued.visit.uid,
            number=issued.number,
            version=issued.version,
            cancelled_as=standing,
            alone=not confirmed if standing == "administrator" else None,
        )
        record(told, issued.uid, by=by, now=now)


def require_holding(issued: Prescription) -> None:
    """Raise Conflict for one that is cancelled or replaced."""
    if issued.cancelled_at is not None or issued.replaced_at is not None:
        raise Conflict(_why_not(issued))


def _why_not(issued: Prescription) -> str:
    newest = reading.newest_of(issued.visit.uid)
    if newest.id == issued.id:
        return _("This prescription is cancelled already.")
    return _("This version is replaced by %(number)s: that is the one to cancel.", number=newest.number)


def needs_two() -> bool:
    """Must a second administrator confirm a cancelling by number (setting `administrator_cancel_needs_two`)?"""
    return PaperRules.in_force().administrator_cancel_needs_two == "yes"


def waiting(now: datetime) -> list[CancelRequest]:
    """List what waits for a second administrator, oldest first."""
    rows = CancelRequest.select(CancelRequest, Prescription).join(Prescription)
    return list(rows.where(CancelRequest.asked_at > now - ASKED_FOR).order_by(CancelRequest.id))


def ask(issued: Prescription, administrator: Staff, reason: str, *, by: Actor, now: datetime) -> CancelRequest:
    """Ask a second administrator to cancel a prescription. Until then it holds.

    Raises Invalid without a reason, Conflict when it no longer holds, is asked already, or nobody could confirm it.
    """
    because = reasons.read(reason)
    require_holding(issued)
    others = (Staff.role == "admin") & (Staff.id != administrator.id) & Staff.disabled_at.is_null()
    if not Staff.select().where(others).exists():
        raise Conflict(_("There is no second administrator who could confirm it. Ask a doctor of the specialty."))
    with write():
        one_at_a_time("cancel requests")
        CancelRequest.delete().where(CancelRequest.asked_at <= now - ASKED_FOR).execute()
        if CancelRequest.select().where(CancelRequest.prescription == issued).exists():
            raise Conflict(_("This is asked already, and waits for a second administrator."))
        asked: CancelRequest = CancelRequest.create(
            prescription=issued, reason=because, asked_by=administrator, asked_at=now
        )
        audit.note("CancelAsked", issued.uid, by=by, now=now, number=issued.number)
    return asked


def confirm(uid: str, administrator: Staff, *, by: Actor, now: datetime) -> Prescription:
    """Cancel what another administrator asked for; the reason is that one's.

    Raises NotFound when it is withdrawn or lapsed, Conflict for the one who asked, or when it no longer holds.
    """
    with write():
        asked = _asked(uid, now)
        if asked.asked_by_id == administrator.id:
            raise Conflict(_("Another administrator has to confirm it: you asked for it yourself."))
        issued: Prescription = asked.prescription
        asked.delete_instance()
        cancel(issued, asked.asked_by, asked.reason, confirmed=True, by=by, now=now)
    return issued


def withdraw(uid: str, *, by: Actor, now: datetime) -> Prescription:
    """Take a request back, as who asked or as the second administrator: the prescription holds. Raises NotFound."""
    with write():
        asked = _asked(uid, now)
        issued: Prescription = asked.prescription
        asked.delete_instance()
        audit.note("CancelWithdrawn", issued.uid, by=by, now=now, number=issued.number)
    return issued


def _asked(uid: str, now: datetime) -> CancelRequest:
    found: CancelRequest | None = CancelRequest.get_or_none(
        (CancelRequest.uid == uid) & (CancelRequest.asked_at > now - ASKED_FOR)
    )
    if found is None:
        raise NotFound
    return found
