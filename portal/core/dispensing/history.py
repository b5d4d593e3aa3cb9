"""What was given out: on every version of a prescription, when, where, to whom."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from peewee import ModelSelect

from portal.base.clock import clinic_day
from portal.core.clinic.models import Centre
from portal.core.dispensing.models import DispensedItem, Dispensing
from portal.core.dispensing.parts import Handed
from portal.core.prescriptions import reading as prescriptions
from portal.core.prescriptions.models import PrescribedItem, Prescription


@dataclass(frozen=True)
class Given:
    """One dispensing as people read it: when, where, to whom, how much of what, and on which version."""

    at: datetime
    centre: Centre
    collected_by: str
    lines: list[tuple[str, int]]
    version: Prescription


def given(issued: Prescription) -> list[Given]:
    """List what was dispensed so far, in order, on every version of this prescription."""
    found: dict[int, Given] = {}
    for row in _rows().where(Prescription.visit == issued.visit_id):
        one = row.dispensing
        line = found.setdefault(one.id, Given(one.at, one.centre, one.collected_by, [], one.prescription))
        line.lines.append((row.item.drug, row.quantity))
    return list(found.values())


def handed(issued: Prescription) -> dict[int, list[Handed]]:
    """Map the position of each medicine to what was handed out of it, in order.

    What is carried over counts as of the day of this version: earlier ones were given on for a week at most.
    """
    found: dict[int, list[Handed]] = defaultdict(list)
    for item in prescriptions.items_of(issued):
        if item.carried:
            found[item.position].append((clinic_day(issued.issued_at), item.carried))
    for row in _rows().where(Dispensing.prescription == issued):
        found[row.item.position].append((clinic_day(row.dispensing.at), row.quantity))
    return found


def _rows() -> "ModelSelect[DispensedItem]":
    return (
        DispensedItem.select(DispensedItem, Dispensing, Prescription, Centre, PrescribedItem)
        .join(Dispensing)
        .join(Prescription)
        .switch(Dispensing)
        .join(Centre)
        .switch(DispensedItem)
        .join(PrescribedItem)
        .order_by(Dispensing.id, PrescribedItem.position)
    )
