"""What the pharmacy gave, as MedicationDispense resources: a transaction of base R4. Pure.

The guide (ndhm.in 6.5.0) has no profile of MedicationDispense, and its PrescriptionRecord is closed to it, so these are
no part of a document. Each is put under an id of its own: sent again it is the same, and a reversal changes its status.
"""

from typing import Any

from portal.api.dispensings import DispensingRecord, GivenRecord

from . import codes
from .clinical import dosage, name_of
from .draft import Bundle, Sender, instant, narrative, uuid_of

GIVEN, IN_ERROR = "completed", "entered-in-error"


def transaction(record: DispensingRecord, sender: Sender) -> Bundle:
    """Build the transaction of a dispensing; the same facts give the same bytes."""
    entries = [_entry(record, one, place, sender) for place, one in enumerate(record.given)]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _entry(record: DispensingRecord, one: GivenRecord, place: int, sender: Sender) -> dict[str, Any]:
    resource_id = uuid_of(sender, record.visit_uid, f"dispensing-{record.uid}-{place}")
    resource = {"resourceType": "MedicationDispense", "id": resource_id} | _content(record, one, place, sender)
    return {
        "fullUrl": f"urn:uuid:{resource_id}",
        "resource": {name: value for name, value in resource.items() if value not in (None, "", [], {})},
        "request": {"method": "PUT", "url": f"MedicationDispense/{resource_id}"},
    }


def _content(record: DispensingRecord, one: GivenRecord, place: int, sender: Sender) -> dict[str, Any]:
    prescribed = name_of(one.medicine)
    name = f"{one.brand} ({prescribed})" if one.brand else prescribed
    remarks = _remarks(record, one)
    own = f"{sender.namespace}/fhir"
    return {
        "text": narrative(name, f"{one.quantity} · {record.centre_name}", *remarks),
        "identifier": [{"system": f"{own}/dispensing", "value": f"{record.uid}/{place + 1}"}],
        "status": IN_ERROR if record.reversed_at else GIVEN,
        "medicationCodeableConcept": {"text": name},
        "subject": _named("Patient", codes.PATIENT_ID, f"{own}/patient", record.patient.patient_id)
        | {"display": record.patient.name},
        "context": {"type": "Encounter", "identifier": {"system": f"{own}/visit", "value": record.visit_uid}},
        "performer": [
            {"actor": _named("Practitioner", codes.PROVIDER, f"{own}/staff", record.pharmacist_uid)},
            {"actor": _named("Organization", codes.PROVIDER, f"{own}/centre", record.centre_code)},
        ],
        "authorizingPrescription": [
            {
                "type": "MedicationRequest",
                "identifier": {"system": f"{own}/medicine", "value": f"{record.number}/{one.place + 1}"},
            }
        ],
        "quantity": {"value": one.quantity},
        "daysSupply": _days(one),
        "whenHandedOver": instant(record.at),
        "dosageInstruction": [dosage(one.medicine)],
        "substitution": {"wasSubstituted": True, "reason": [{"text": one.brand_reason}]} if one.brand else {},
        "note": [{"text": text} for text in remarks],
    }


def _named(kind: str, code: codes.Code, system: str, value: str) -> dict[str, Any]:
    """Refer to somebody by number: the resource itself is in the documents, or only here."""
    return {"type": kind, "identifier": {"type": code.concept(), "system": system, "value": value}}


def _days(one: GivenRecord) -> dict[str, Any]:
    """How long it lasts: its share of the course, in whole days."""
    if not one.medicine.duration_days or not one.medicine.quantity:
        return {}
    days = one.quantity * one.medicine.duration_days // one.medicine.quantity
    return {"value": days, "unit": "days", "system": codes.UCUM, "code": "d"} if days else {}


def _remarks(record: DispensingRecord, one: GivenRecord) -> list[str]:
    letter = f"{one.beyond} of them beyond the part, by the written permission {record.permission}"
    said = [letter] if one.beyond else []
    return [*said, f"Reversed: {record.reverse_reason}"] if record.reversed_at else said
