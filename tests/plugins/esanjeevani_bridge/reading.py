"""Parser of our documents back to their facts: the round trip may lose nothing."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from portal_plugins.esanjeevani_bridge.fhir import clinical, codes

from portal.contracts import DoctorRecord, GuardianRecord, MedicineRecord, PatientIdentity, PatientRecord, VisitRecord

Resource = dict[str, Any]


def facts_of(bundle: Resource) -> VisitRecord:
    """Parse the visit of a Bundle. Raises KeyError, IndexError or ValueError where it is not one of ours."""
    found = _Parts(bundle)
    head = found.all("Composition")[0]
    encounter = found.all("Encounter")[0]
    diagnosis = found.at(encounter["diagnosis"][0]["condition"])["code"] if "diagnosis" in encounter else {}
    medicines = found.all("MedicationRequest")
    patient = found.at(head["subject"])
    centre = found.at(patient["managingOrganization"])
    return VisitRecord(
        uid=encounter["identifier"][0]["value"],
        number=_number(found, head),
        version=int(bundle["meta"]["versionId"]),
        cancelled=_is_cancelled(found, head),
        replaces=_replaces(found, head),
        issued_at=_moment_of(head["date"]),
        valid_until=_valid_until(medicines),
        collect_until=_collect_until(medicines),
        patient=_patient(patient),
        doctor=_doctor(found.at(head["author"][0])),
        diagnosis=diagnosis.get("text", ""),
        icd10=diagnosis["coding"][0]["code"] if "coding" in diagnosis else "",
        institution=found.at(head["custodian"])["name"],
        centre_code=centre["identifier"][0]["value"],
        centre_name=centre["name"],
        medicines=tuple(_medicine(medicine) for medicine in medicines),
        pdf=base64.b64decode(_file(found)),
        **_encounter(encounter),
        **_notes(found, head),
    )


class _Parts:
    """Index of a Bundle's resources, by type and by reference."""

    def __init__(self, bundle: Resource) -> None:
        self._by_url = {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}

    def all(self, kind: str) -> list[Resource]:
        return [resource for resource in self._by_url.values() if resource["resourceType"] == kind]

    def at(self, reference: Resource) -> Resource:
        found: Resource = self._by_url[reference["reference"]]
        return found

    def section(self, head: Resource, name: str) -> Iterator[Resource]:
        code = codes.SECTIONS[name][0].code
        for section in head["section"]:
            if section["code"]["coding"][0]["code"] == code:
                yield from (self.at(entry) for entry in section["entry"])


def _number(found: _Parts, head: Resource) -> str:
    if head["type"]["coding"][0]["code"] == codes.PRESCRIPTION.code:
        return str(head["identifier"]["value"])
    return str(found.all("DocumentReference")[0]["masterIdentifier"]["value"])


def _is_cancelled(found: _Parts, head: Resource) -> bool:
    papers = found.all("DocumentReference")
    return (papers[0]["docStatus"] if papers else head["status"]) == "entered-in-error"


def _replaces(found: _Parts, head: Resource) -> str:
    papers = found.all("DocumentReference")
    said = papers[0].get("relatesTo") if papers else head.get("relatesTo")
    if not said:
        return ""
    assert said[0]["code"] == "replaces"
    return str(said[0]["target" if papers else "targetReference"]["identifier"]["value"])


def _file(found: _Parts) -> str:
    binaries = found.all("Binary")
    if binaries:
        return str(binaries[0]["data"])
    return str(found.all("DocumentReference")[0]["content"][0]["attachment"]["data"])


def _patient(resource: Resource) -> PatientRecord:
    numbers = {one["type"]["coding"][0]["code"]: one["value"] for one in resource["identifier"]}
    return PatientRecord(
        name=resource["name"][0]["text"],
        gender=resource["gender"],
        birth_date=date.fromisoformat(resource["birthDate"]),
        ben_id=numbers[codes.BEN_ID.code],
        patient_id=numbers[codes.PATIENT_ID.code],
        abha_address=numbers.get(codes.ABHA_ADDRESS.code, ""),
        abha_number=numbers.get(codes.ABHA_NUMBER.code, "").replace("-", ""),
        identities=tuple(
            PatientIdentity(one["type"]["text"], one["system"], one["value"])
            for one in resource["identifier"]
            if one["type"]["coding"][0]["code"] == "U"
        ),
    )


def _doctor(resource: Resource) -> DoctorRecord:
    numbers = {one["type"]["coding"][0]["code"]: one["value"] for one in resource["identifier"]}
    degree = resource["qualification"][0]["code"]["text"] if "qualification" in resource else ""
    registration = numbers.get(codes.REGISTRATION.code, "")
    return DoctorRecord(numbers[codes.PROVIDER.code], resource["name"][0]["text"], degree, registration)


def _encounter(resource: Resource) -> dict[str, Any]:
    service = resource["serviceType"]
    known = {code.code: name for name, code in codes.SPECIALTIES.items()}
    slip = resource["basedOn"][0]["identifier"]["value"] if "basedOn" in resource else ""
    return {
        "started_at": _moment_of(resource["period"]["start"]),
        "ended_at": _moment_of(resource["period"]["end"]),
        "kind": "follow_up" if "coding" in resource["type"][0] else "first",
        "mode": "".join(one["text"].removeprefix(clinical.BY) for one in resource["type"][1:]),
        "referral": slip,
        **_present(resource["participant"][1:]),
        "specialty": known.get(service["coding"][0]["code"], service["coding"][0]["code"]),
        "specialty_name": service["text"],
    }


def _present(participants: list[Resource]) -> dict[str, Any]:
    """Parse who was present besides the doctor."""
    found: dict[str, Any] = {}
    for participant in participants:
        part, *said = (one["text"] for one in participant["type"])
        if part == clinical.PATIENT_PRESENT:
            found["present"] = "patient"
            continue
        if part == clinical.SPOKE:
            found["present"] = "caregiver"
        found["guardian"] = GuardianRecord(participant["individual"]["display"], said[0], "".join(said[1:]))
    return found


def _notes(found: _Parts, head: Resource) -> dict[str, Any]:
    """Parse the notes, where the document has them: a prescription's are empty."""
    exam = list(found.section(head, "PhysicalExamination"))
    meeting = [date.fromisoformat(one["start"][:10]) for one in found.section(head, "FollowUp")]
    return {
        "complaints": _text(found.section(head, "ChiefComplaints")),
        "history": _text(found.section(head, "MedicalHistory")),
        "investigations": _text(found.section(head, "InvestigationAdvice")),
        "findings": "".join(one.get("valueString", "") for one in exam),
        "advice": "".join(one["valueString"] for one in found.section(head, "OtherObservations")),
        "vitals": tuple(sorted(pair for one in exam for pair in _measured(one))),
        "follow_up_on": meeting[0] if meeting else None,
    }


def _text(resources: Iterator[Resource]) -> str:
    return "".join(one["code"]["text"] for one in resources)


def _measured(resource: Resource) -> Iterator[tuple[str, float]]:
    single = {vital.code.code: name for name, vital in codes.VITALS.items()}
    double = {codes.SYSTOLIC.code.code: "systolic", codes.DIASTOLIC.code.code: "diastolic"}
    if "valueQuantity" in resource:
        yield single[resource["code"]["coding"][0]["code"]], float(resource["valueQuantity"]["value"])
    for part in resource.get("component", []):
        yield double[part["code"]["coding"][0]["code"]], float(part["valueQuantity"]["value"])


def _medicine(resource: Resource) -> MedicineRecord:
    drug, form, strength = _parts_of(resource["medicationCodeableConcept"]["text"])
    dosage, dispense = resource["dosageInstruction"][0], resource["dispenseRequest"]
    item = MedicineRecord(
        drug=drug,
        form=form,
        strength=strength,
        dose="",
        frequency=dosage["timing"]["code"]["text"] if "timing" in dosage else "",
        duration_days=dispense["expectedSupplyDuration"]["value"] if "expectedSupplyDuration" in dispense else None,
        quantity=dispense["quantity"]["value"],
        instructions=dosage.get("patientInstruction", ""),
    )
    return replace(item, dose=_dose(dosage["text"], clinical.dosage_text(item)))


def _parts_of(name: str) -> tuple[str, str, str]:
    """Split a medicine's name into drug, form and strength."""
    drug, form, strength = (*name.split(clinical.BETWEEN), "", "")[:3]
    return drug.replace("··", "·"), form.replace("··", "·"), strength.replace("··", "·")


def _moment_of(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _dose(whole: str, rest: str) -> str:
    """Extract the dose, which begins the instruction; what follows it is known from the other fields."""
    if rest == clinical.AS_DIRECTED:
        return "" if whole == rest else whole
    return whole.removesuffix(rest).removesuffix(", ")


def _valid_until(medicines: list[Resource]) -> date | None:
    return max(_last_days(medicines), default=None)


def _collect_until(medicines: list[Resource]) -> tuple[date, ...]:
    days = _last_days(medicines)
    return tuple(days) if len(set(days)) > 1 else ()


def _last_days(medicines: list[Resource]) -> list[date]:
    ends = [one["dispenseRequest"]["validityPeriod"]["end"] for one in medicines if "dispenseRequest" in one]
    return [date.fromisoformat(end) for end in ends]
