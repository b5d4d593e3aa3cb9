"""What amending may change, and what it carries over: services.issue_version issues the next version."""

from datetime import datetime, timedelta

from portal.base.clock import clinic_day
from portal.base.errors import Conflict, NotFound
from portal.base.language import gettext as _
from portal.base.language import show_date
from portal.core.accounts.models import Staff
from portal.core.consults import editions
from portal.core.formulary import versions
from portal.core.prescribing import carrying, reasons
from portal.core.prescribing.carrying import Line
from portal.core.prescribing.judging import Judgement
from portal.core.prescriptions import reading
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.core.visits.models import Visit
from portal.work.audit import Actor

AMEND_WITHIN = timedelta(days=7)  # of the first version: safety.md, S05


def may_amend(issued: Prescription, doctor: Staff, now: datetime) -> bool:
    """May this doctor correct it now: the author, in time, and it holds?"""
    holds = issued.cancelled_at is None and issued.replaced_at is None
    return holds and issued.doctor_id == doctor.id and now < _until(issued)


def begin(visit_uid: str, doctor: Staff, reason: str, *, by: Actor, now: datetime) -> Visit:
    """Open the notes of the newest version again, as a draft of the next one.

    Raises NotFound unless this doctor wrote it, Conflict when it is too late or cancelled, Invalid without a reason.
    """
    issued = reading.newest_of(visit_uid)
    if issued.doctor_id != doctor.id:
        raise NotFound
    require_in_time(issued, now)
    because = reasons.read(reason)
    editions.begin(issued.visit, because, by=by, now=now)
    return issued.visit


def first_of(issued: Prescription) -> Prescription:
    """Return the first version: from its day on every later one counts, for correcting and at the pharmacy."""
    found: Prescription = Prescription.get((Prescription.visit == issued.visit_id) & (Prescription.version == 1))
    return found


def _until(issued: Prescription) -> datetime:
    until: datetime = first_of(issued).issued_at + AMEND_WITHIN
    return until


def require_in_time(issued: Prescription, now: datetime) -> None:
    """Raise Conflict when it is cancelled, or too late."""
    if issued.cancelled_at is not None:
        raise Conflict(_("This prescription is cancelled. A new one needs a consultation."))
    if now >= (until := _until(issued)):
        raise Conflict(
            _(
                "This could be corrected until %(day)s. Cancel it, or see the patient again.",
                day=show_date(clinic_day(until)),
            )
        )


def new_ones(before: Prescription, found: Judgement) -> dict[str, str]:
    """Refuse a substance that the version before did not have; of a combination, a part may be stopped."""
    listed = versions.in_force()
    known = {substance for row in reading.items_of(before) for substance in listed.substances(row.drug)}
    new = [row.item for row in found.rows if not set(listed.substances(row.item.drug)) <= known]
    sentence = _("A new medicine needs a consultation. A correction may stop, lower or correct what was prescribed.")
    return {f"items-{item.place}-drug": sentence for item in new}


def carry_over(before: Prescription, issued: Prescription) -> None:
    """Count on the new version what was given on the one before, up to what it prescribes; `carried` keeps the rest."""
    listed, new = versions.in_force(), reading.items_of(issued)
    old = [_line(item) for item in reading.items_of(before)]
    amounts = carrying.carried(old, [_line(item) for item in new], listed.identities)
    for item, amount in zip(new, amounts, strict=True):
        counted = min(amount, item.quantity)
        PrescribedItem.update(carried=amount, dispensed=counted).where(PrescribedItem.id == item.id).execute()


def _line(item: PrescribedItem) -> Line:
    return Line(item.drug, item.form, item.strength, item.quantity, item.dispensed + item.over)
