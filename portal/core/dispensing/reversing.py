"""Reversal: a dispensing that did not happen so is taken back, shortly afterwards and with a reason."""

from datetime import datetime, timedelta

from portal.base.errors import Conflict, NotFound
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.clinic.models import Centre, bump
from portal.core.dispensing.events import DispensingReversed
from portal.core.dispensing.locks import lock_versions
from portal.core.dispensing.models import COLLECTED, OVERTAKEN, READY, DispensedItem, Dispensing, Indent
from portal.core.prescribing import reasons
from portal.core.prescriptions import amending
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.settings.pharmacy import PharmacyRules
from portal.store.db import claim, write
from portal.work.audit import Actor
from portal.work.events import record


def reversible_until(handed: Dispensing) -> datetime:
    """Return until when a dispensing can be reversed."""
    at: datetime = handed.at
    return at + timedelta(minutes=PharmacyRules.in_force().reverse_minutes)


def reverse(
    issued: Prescription, uid: str, pharmacist: Staff, centre: Centre, reason: str, *, by: Actor, now: datetime
) -> Dispensing:
    """Reverse a dispensing of this prescription; without `uid` the last one of this centre that still counts.

    Anybody of the centre's pharmacy may; also after the prescription was corrected or cancelled. Raises NotFound,
    Invalid without a reason, Conflict when it is too late or done already.
    """
    handed, because = _find(issued, uid, centre), reasons.read(reason)
    with write():
        bump(issued.visit.session)  # first, as a correction does: it carries over what was given
        version = next(row for row in lock_versions(issued) if row.id == handed.prescription_id)
        if now > reversible_until(handed):
            raise Conflict(_("This is too long ago to be reversed; nothing was changed."))
        change = Dispensing.update(reversed_at=now, reversed_by=pharmacist, reverse_reason=because)
        if not claim(change.where((Dispensing.id == handed.id) & Dispensing.reversed_at.is_null())):
            raise Conflict(_("This was reversed already."))
        rows = list(DispensedItem.select().where(DispensedItem.dispensing == handed))
        for row in rows:
            back = PrescribedItem.dispensed - row.quantity
            PrescribedItem.update(dispensed=back).where(PrescribedItem.id == row.item_id).execute()
        _reopen_indents(handed, version)
        amending.carry_over_again(version)
        told = DispensingReversed(prescription=version.uid, visit=issued.visit.uid, centre=centre.code, items=len(rows))
        record(told, handed.uid, by=by, now=now)
    return handed


def _find(issued: Prescription, uid: str, centre: Centre) -> Dispensing:
    rows = Dispensing.select().join(Prescription).order_by(Dispensing.id.desc())
    mine = (Prescription.visit == issued.visit_id) & (Dispensing.centre == centre)
    which = Dispensing.uid == uid if uid else Dispensing.reversed_at.is_null()
    found: Dispensing | None = rows.where(mine & which).first()
    if found is None:
        raise NotFound
    return found


def _reopen_indents(handed: Dispensing, version: Prescription) -> None:
    """Put collected indents back on the shelf; of a version that was replaced they cannot be collected any more."""
    holds = version.replaced_at is None and version.cancelled_at is None
    again = {"state": READY, "ended_at": None} if holds else {"state": OVERTAKEN}
    mine = (Indent.dispensing == handed) & (Indent.state == COLLECTED)
    Indent.update(dispensing=None, **again).where(mine).execute()
