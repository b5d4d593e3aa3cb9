"""What the pharmacy gave, as it stands now: by which prescription, and whether it was reversed."""

from dataclasses import dataclass, fields
from datetime import datetime

from portal.base.errors import NotFound
from portal.contracts import MedicineRecord, PatientRecord
from portal.core.dispensing.history import letters_of
from portal.core.dispensing.models import DispensedItem, Dispensing
from portal.core.paper.content import Content
from portal.core.prescriptions.exchange import patient_of
from portal.core.prescriptions.models import PrescribedItem

__all__ = ["DispensingRecord", "GivenRecord", "dispensing_of"]


@dataclass(frozen=True)
class GivenRecord:
    """One medicine of a dispensing. `place`: of it in the prescription, from 0; `brand`: given in its place, and why.

    `beyond`: how much of `quantity` was more than a part, by a written permission.
    """

    place: int
    medicine: MedicineRecord
    quantity: int
    brand: str = ""
    brand_reason: str = ""
    beyond: int = 0


@dataclass(frozen=True)
class DispensingRecord:
    """One dispensing at a wellness centre, as it stands now. `number`: of the prescription.

    With `reversed_at` nothing was handed over after all. `permission`: the number of the letter by which more than a
    part was given, else empty.
    """

    uid: str
    visit_uid: str
    number: str
    at: datetime
    reversed_at: datetime | None
    reverse_reason: str
    centre_code: str
    centre_name: str
    pharmacist_uid: str
    pharmacist_name: str
    patient_uid: str
    patient: PatientRecord
    given: tuple[GivenRecord, ...]
    permission: str = ""


def dispensing_of(uid: str) -> DispensingRecord:
    """Build the record of a dispensing. Raises NotFound."""
    row: Dispensing | None = Dispensing.get_or_none(Dispensing.uid == uid)
    if row is None:
        raise NotFound
    issued = row.prescription
    return DispensingRecord(
        uid=row.uid,
        visit_uid=issued.visit.uid,
        number=issued.number,
        at=row.at,
        reversed_at=row.reversed_at,
        reverse_reason=row.reverse_reason,
        centre_code=row.centre.code,
        centre_name=row.centre.name,
        pharmacist_uid=row.pharmacist.uid,
        pharmacist_name=row.pharmacist.name,
        patient_uid=issued.beneficiary.uid,
        patient=patient_of(issued.beneficiary, Content.from_json(issued.content)),
        given=_given(row),
        permission=", ".join(letter.number for letter in letters_of(row)),
    )


def _given(row: Dispensing) -> tuple[GivenRecord, ...]:
    given = DispensedItem.select(DispensedItem, PrescribedItem).join(PrescribedItem)
    mine = given.where(DispensedItem.dispensing == row).order_by(PrescribedItem.position, DispensedItem.id)
    return tuple(
        GivenRecord(one.item.position, _medicine(one.item), one.quantity, one.brand, one.brand_reason, one.beyond)
        for one in mine
    )


def _medicine(item: PrescribedItem) -> MedicineRecord:
    return MedicineRecord(**{part.name: getattr(item, part.name) for part in fields(MedicineRecord)})
