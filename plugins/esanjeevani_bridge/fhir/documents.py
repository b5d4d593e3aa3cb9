"""The two documents, PrescriptionRecord and OPConsultRecord: from a documented visit to a Bundle. Pure."""

import base64
import hashlib
from typing import Any

from portal.contracts import VisitRecord

from . import clinical, codes, people
from .codes import Code
from .draft import Bundle, Draft, Sender, instant, narrative, together

Entries = list[dict[str, Any]]
PDF = "application/pdf"


def document(kind: str, record: VisitRecord, sender: Sender) -> Bundle:
    """Build the document of this kind, `prescription` or `visit`; the same facts give the same bytes."""
    return prescription(record, sender) if kind == "prescription" else consultation(record, sender)


def prescription(record: VisitRecord, sender: Sender) -> Bundle:
    """Build a PrescriptionRecord: the medicines and the issued file, in exactly one section."""
    draft = Draft(record, sender)
    medicines = _medicines(draft)
    binary = draft.entry("file", "Binary", "Binary", contentType=PDF, data=base64.b64encode(record.pdf).decode())
    section = _section(codes.PRESCRIPTION, [*medicines, binary])
    head = _composition(draft, "prescription", codes.PRESCRIPTION, record.number, [section])
    return _bundle(draft, "prescription", [head, *_frame(draft), *medicines, binary])


def consultation(record: VisitRecord, sender: Sender) -> Bundle:
    """Build an OPConsultRecord: the notes of the visit, a section for each part that was written."""
    draft = Draft(record, sender)
    filled = {name: entries for name, entries in _sections(draft).items() if entries}
    sections = [_section(codes.SECTIONS[name][0], entries) for name, entries in filled.items()]
    head = _composition(draft, "visit", codes.CONSULTATION, record.uid, sections)
    body = [entry for entries in filled.values() for entry in entries]
    return _bundle(draft, "visit", [head, *_frame(draft), *body])


def _sections(draft: Draft) -> dict[str, Entries]:
    """Build the entries of each section, in the guide's order."""
    record = draft.record
    findings = [clinical.words(draft, "findings", "Findings", record.findings)] if record.findings else []
    return {
        "ChiefComplaints": [clinical.condition(draft, "complaints", record.complaints)] if record.complaints else [],
        "PhysicalExamination": clinical.vitals(draft) + findings,
        "MedicalHistory": [clinical.condition(draft, "history", record.history)] if record.history else [],
        "InvestigationAdvice": [clinical.service_request(draft)] if record.investigations else [],
        "Medications": _medicines(draft),
        "FollowUp": [clinical.appointment(draft)] if record.follow_up_on else [],
        "OtherObservations": [clinical.words(draft, "advice", "Advice", record.advice)] if record.advice else [],
        "DocumentReference": [_document_reference(draft)],
    }


def _frame(draft: Draft) -> Entries:
    """Build the entries of both documents: people, encounter and diagnosis."""
    record = draft.record
    diagnosis = [clinical.condition(draft, "diagnosis", record.diagnosis, record.icd10)] if record.diagnosis else []
    makers = (people.patient, people.practitioner, people.institution, people.centre, clinical.encounter)
    return [make(draft) for make in makers] + diagnosis


def _medicines(draft: Draft) -> Entries:
    return [clinical.medication_request(draft, place, item) for place, item in enumerate(draft.record.medicines)]


def _document_reference(draft: Draft) -> dict[str, Any]:
    record = draft.record
    digest = base64.b64encode(hashlib.sha1(record.pdf, usedforsecurity=False).digest()).decode()
    attachment = {
        "contentType": PDF,
        "data": base64.b64encode(record.pdf).decode(),
        "title": f"{record.number}.pdf",
        "size": len(record.pdf),
        "hash": digest,
        "creation": instant(record.issued_at),
    }
    return draft.entry(
        "document",
        "DocumentReference",
        "DocumentReference",
        text=narrative(f"Prescription {record.number}"),
        masterIdentifier={"system": draft.system("prescription"), "value": record.number},
        status="current",
        docStatus="entered-in-error" if record.cancelled else "final",
        type=codes.PRESCRIPTION.concept(),
        subject=draft.reference("patient"),
        date=instant(record.issued_at),
        author=[draft.reference("doctor")],
        content=[{"attachment": attachment}],
        relatesTo=_replaces(draft, "DocumentReference", "target"),
    )


def _replaces(draft: Draft, kind: str, target: str) -> Entries:
    """Name the version that this one replaces, by its number: that document may never have been sent."""
    if not draft.record.replaces:
        return []
    number = {"system": draft.system("prescription"), "value": draft.record.replaces}
    return [{"code": "replaces", target: {"type": kind, "identifier": number}}]


def _composition(draft: Draft, kind: str, code: Code, number: str, sections: Entries) -> dict[str, Any]:
    record = draft.record
    is_prescription = kind == "prescription"
    return draft.entry(
        kind,
        "Composition",
        "PrescriptionRecord" if is_prescription else "OPConsultRecord",
        language="en-IN",
        text=narrative(code.display, record.patient.name, record.doctor.name, record.diagnosis),
        status=_status(record, is_prescription=is_prescription),
        identifier={"system": draft.system(kind), "value": number},
        relatesTo=_replaces(draft, "Composition", "targetReference") if is_prescription else [],
        type=code.concept(code.display),
        subject=draft.reference("patient") | {"display": record.patient.name},
        encounter=draft.reference("encounter"),
        date=instant(record.issued_at),
        author=[draft.reference("doctor") | {"display": record.doctor.name}],
        title=code.display,
        custodian=draft.reference("institution"),
        section=sections,
    )


def _status(record: VisitRecord, *, is_prescription: bool) -> str:
    """A cancelled prescription withdraws its own document; the notes of the consultation stay true."""
    if record.cancelled and is_prescription:
        return "entered-in-error"
    return "amended" if record.cancelled or record.version > 1 else "final"


def _bundle(draft: Draft, kind: str, entries: Entries) -> Bundle:
    record = draft.record
    made = instant(record.issued_at)
    envelope = draft.entry(
        f"bundle-{kind}-{record.version}",
        "Bundle",
        "DocumentBundle",
        type="document",
        timestamp=made,
        identifier=_bundle_identifier(draft, kind, record.version),
        entry=entries,
    )["resource"]
    envelope["meta"]["security"] = [codes.VERY_RESTRICTED.coding()]
    return dict(envelope)


def _bundle_identifier(draft: Draft, kind: str, version: int) -> dict[str, str]:
    """Identify one version of a document; the Composition's own identifier is the same in all of them."""
    return {"system": draft.system("document"), "value": f"{kind}-{draft.record.uid}-{version}"}


def _section(code: Code, entries: Entries) -> dict[str, Any]:
    """Build a section, with the narratives of its entries."""
    return {
        "title": code.display,
        "code": code.concept(),
        "text": together(entries),
        "entry": [_typed(entry) for entry in entries],
    }


def _typed(entry: dict[str, Any]) -> dict[str, str]:
    return {"reference": entry["fullUrl"], "type": entry["resource"]["resourceType"]}
