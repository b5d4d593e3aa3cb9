"""What was given out: on every version of a prescription, when, where, to whom."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import peewee
from peewee import ModelSelect

from portal.core.clinic.models import Centre
from portal.core.dispensing.models import (
    DispensedItem,
    Dispensing,
    Indent,
    IndentPermission,
    Letter,
    Permission,
)
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

    `row`: itself, for the pharmacy's pages, with a reversal and the representative's identity. `letters`: by which more
    than a part was given, or ordered and is collected.
    """

    at: datetime
    centre: Centre
    collected_by: str
    lines: list[GivenLine]
    version: Prescription
    row: Dispensing
    letters: tuple[Letter, ...] = ()


def given(issued: Prescription) -> list[Given]:
    """List what was dispensed so far, in order, on every version of this prescription; nothing that was reversed."""
    return [one for one in all_of(issued) if one.row.reversed_at is None]


def all_of(issued: Prescription) -> list[Given]:
    """List every dispensing of this prescription in order, also those that were reversed."""
    found: dict[int, Given] = {}
    letters = _letters(Prescription.visit == issued.visit_id)
    for row in _rows().where(Prescription.visit == issued.visit_id):
        one = row.dispensing
        by = tuple(letters[one.id])
        line = found.setdefault(one.id, Given(one.at, one.centre, one.collected_by, [], one.prescription, one, by))
        line.lines.append(GivenLine(row.item.drug, row.quantity, row.brand, row.brand_reason, row.beyond))
    return list(found.values())


def letters_of(handed: Dispensing) -> list[Letter]:
    """List the written permissions of a dispensing: its own, and those of the indents that it collects."""
    return _letters(Dispensing.id == handed.id)[handed.id]


def _letters(mine: peewee.Expression) -> defaultdict[int, list[Letter]]:
    """Map dispensings to their letters."""
    found: defaultdict[int, list[Letter]] = defaultdict(list)
    own = Permission.select().join(Dispensing).join(Prescription).where(mine)
    for letter in own:
        found[letter.dispensing_id].append(letter)
    ordered = IndentPermission.select(IndentPermission, Indent).join(Indent)
    ordered = ordered.join(Dispensing).join(Prescription).where(mine)
    for of_order in ordered.order_by(IndentPermission.id):
        if handed := of_order.indent.dispensing_id:
            found[handed].append(of_order)
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
