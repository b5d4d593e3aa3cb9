"""Misprinted prescriptions, with milligrams where micrograms are meant: found, and reported to author and patient.

An old version printed µg in a medicine's name as MG. What is issued is immutable, so it is not corrected.
"""

from collections.abc import Iterator
from datetime import datetime

from portal.base.units import MICRO
from portal.core.prescriptions.events import PrescriptionMisprinted
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.store.db import claim, write
from portal.work.audit import SYSTEM, Actor
from portal.work.events import record


def misprinted() -> list[Prescription]:
    """List issued prescriptions with µ in a medicine's name, newest first."""
    named = PrescribedItem.drug.contains(MICRO[0]) | PrescribedItem.drug.contains(MICRO[1])
    held = PrescribedItem.select(PrescribedItem.prescription).where(named)
    return list(Prescription.select().where(Prescription.id.in_(held)).order_by(Prescription.id.desc()))


def tell(issued: Prescription, *, by: Actor, now: datetime) -> bool:
    """Notify author and patient, once (compare-and-set). False when they have been notified."""
    untold = (Prescription.id == issued.id) & Prescription.misprint_told_at.is_null()
    with write():
        if not claim(Prescription.update(misprint_told_at=now).where(untold)):
            return False
        record(PrescriptionMisprinted(number=issued.number), issued.uid, by=by, now=now)
    return True


def report(*, also_tell: bool, now: datetime) -> Iterator[str]:
    """Yield a line for each, with whether people were notified; `also_tell`: notify the others now."""
    for row in misprinted():
        done = also_tell and tell(row, by=SYSTEM, now=now)
        state = "told now" if done else "told" if row.misprint_told_at else "not told yet"
        yield f"{row.number}  {row.issued_at:%Y-%m-%d}  {state}"
