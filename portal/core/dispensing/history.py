"""What was given out: on every version of a prescription, when, where, to whom."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from peewee import JOIN, ModelSelect

from portal.core.clinic.models import Centre
from portal.core.dispensing.models import DispensedItem, Dispensing, Permission
from portal.core.prescriptions.models import PrescribedItem, Prescription


class GivenLine(NamedTuple):
    """So much of one medicine; `brand` is what was given in its place, of the same salt.

    `beyond`: how much of it was more than a part, by a written permission.
    """

    medicine: str
    quantity: int
    brand: str = ""
    brand_reason: str = ""
    beyond: int = 0


@dataclass(frozen=True)
class Given:
    """One dispensing as people read it: when, where, to whom, how much of what, and on which version.

    `row`: itself, for the pharmacy's pages, with a reversal and the representative's identity. `letter`: by which more
    than a part was given.
    """

    at: datetime
    centre: Centre
    collected_by: str
    lines: list[GivenLine]
    version: Prescription
    row: Dispensing
    letter: Permission | None = None


def given(issued: Prescription) -> list[Given]:
    """List what was dispensed so far, in order, on every version of this prescription; nothing that was reversed."""
    return [one for one in all_of(issued) if one.row.reversed_at is None]


def all_of(issued: Prescription) -> list[Given]:
    """List every dispensing of this prescription in order, also those that were reversed."""
    found: dict[int, Given] = {}
    for row in _rows().where(Prescription.visit == issued.visit_id):
        one = row.dispensing
        letter = getattr(one, "letter", None)
        line = found.setdefault(one.id, Given(one.at, one.centre, one.collected_by, [], one.prescription, one, letter))
        line.lines.append(GivenLine(row.item.drug, row.quantity, row.brand, row.brand_reason, row.beyond))
    return list(found.values())


def _rows() -> "ModelSelect[DispensedItem]":
    return (
        DispensedItem.select(DispensedItem, Dispensing, Prescription, Centre, Permission, PrescribedItem)
        .join(Dispensing)
        .join(Prescription)
        .switch(Dispensing)
        .join(Centre)
        .switch(Dispensing)
        .join(Permission, JOIN.LEFT_OUTER, on=(Permission.dispensing == Dispensing.id), attr="letter")
        .switch(DispensedItem)
        .join(PrescribedItem)
        .order_by(Dispensing.id, PrescribedItem.position)
    )
