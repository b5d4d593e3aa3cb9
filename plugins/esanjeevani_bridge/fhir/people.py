"""Patient, practitioner and organisations of a document."""

from collections.abc import Iterator
from typing import Any

from . import codes
from .draft import Draft, narrative


def patient(draft: Draft) -> dict[str, Any]:
    """Build the Patient, with identifiers of scheme and portal, and ABHA ones when given."""
    person = draft.record.patient
    numbers = [
        draft.identifier(codes.PATIENT_ID, draft.system("patient"), person.patient_id),
        draft.identifier(codes.BEN_ID, draft.system("cghs"), person.ben_id),
    ]
    if person.abha_number:
        numbers.append(draft.identifier(codes.ABHA_NUMBER, codes.ABHA_SYSTEM, _dashed(person.abha_number)))
    if person.abha_address:
        numbers.append(draft.identifier(codes.ABHA_ADDRESS, codes.ABHA_SYSTEM, person.abha_address))
    numbers += _verified(draft, {(number["system"], number["value"]) for number in numbers})
    return draft.entry(
        "patient",
        "Patient",
        "Patient",
        text=narrative(person.name),
        identifier=numbers,
        name=[{"text": person.name}],
        gender=person.gender,
        birthDate=person.birth_date.isoformat(),
        managingOrganization=draft.reference("centre"),
    )


def _verified(draft: Draft, known: set[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    """Build the identifiers that a plugin has verified. The guide asks for a type: ABHA's own, else unspecified."""
    for each in draft.record.patient.identities:
        kind, value = codes.UNSPECIFIED, each.number
        if each.system == codes.ABHA_SYSTEM:
            kind = codes.ABHA_ADDRESS if "@" in value else codes.ABHA_NUMBER
            value = _dashed(value) if value.isdigit() else value
        if (each.system, value) not in known:
            yield {"type": kind.concept(each.name), "system": each.system, "value": value}


def _dashed(digits: str) -> str:
    return "-".join((digits[:2], digits[2:6], digits[6:10], digits[10:]))


def practitioner(draft: Draft) -> dict[str, Any]:
    """Build the Practitioner, with the registration number of the medical council if any."""
    doctor = draft.record.doctor
    numbers = [draft.identifier(codes.PROVIDER, draft.system("staff"), doctor.uid)]
    if doctor.registration_number:
        numbers.append({"type": codes.REGISTRATION.concept(), "value": doctor.registration_number})
    return draft.entry(
        "doctor",
        "Practitioner",
        "Practitioner",
        text=narrative(doctor.name),
        identifier=numbers,
        name=[{"text": doctor.name}],
        qualification=[{"code": {"text": doctor.qualification}}] if doctor.qualification else [],
    )


def institution(draft: Draft) -> dict[str, Any]:
    """Build the Organization of the clinic that keeps the document."""
    number = draft.sender.facility_id
    system = codes.FACILITY_SYSTEM if number else draft.system("facility")
    return draft.entry(
        "institution",
        "Organization",
        "Organization",
        text=narrative(draft.record.institution),
        identifier=[draft.identifier(codes.PROVIDER, system, number or "tele-opd")],
        name=draft.record.institution,
    )


def centre(draft: Draft) -> dict[str, Any]:
    """Build the Organization of the patient's wellness centre."""
    record = draft.record
    return draft.entry(
        "centre",
        "Organization",
        "Organization",
        text=narrative(record.centre_name),
        name=record.centre_name,
        identifier=[draft.identifier(codes.PROVIDER, draft.system("centre"), record.centre_code)],
    )
