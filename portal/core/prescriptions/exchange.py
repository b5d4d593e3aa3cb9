"""Export of a documented visit, from the stored prescription and its notes."""

from datetime import date, datetime
from typing import Any

from portal.base.errors import NotFound
from portal.base.language import gettext as _
from portal.base.plain_text import one_line
from portal.contracts import DoctorRecord, DocumentRef, OrderRecord, PatientIdentity, PatientRecord, VisitRecord
from portal.core.beneficiaries.identities.models import identities_of
from portal.core.beneficiaries.models import Beneficiary
from portal.core.consults.models import Consult
from portal.core.paper.content import Content
from portal.core.prescriptions import reading
from portal.core.prescriptions.models import Prescription
from portal.plugin_host.registry import registry
from portal.work import audit
from portal.work.audit import SYSTEM, Actor


def prescription_of(visit_uid: str) -> Prescription:
    """Return the issued prescription of a visit. Raises NotFound when there is none."""
    return reading.newest_of(visit_uid)


def record_of(visit_uid: str, *, by: Actor, now: datetime) -> VisitRecord:
    """Build the record of a visit with its file. Raises NotFound without prescription, Unavailable without its file."""
    issued = prescription_of(visit_uid)
    pdf = reading.served(issued, by=by, now=now)  # with the stamp, when it is cancelled
    consult = Consult.get((Consult.visit == issued.visit) & (Consult.edition == issued.version))
    content = Content.from_json(issued.content)
    return VisitRecord(
        uid=visit_uid,
        number=issued.number,
        version=issued.version,
        cancelled=issued.cancelled_at is not None,
        issued_at=issued.issued_at,
        valid_until=issued.valid_until if content.items else None,
        started_at=consult.started_at,
        ended_at=consult.ended_at or issued.issued_at,
        mode=content.mode,
        kind=content.kind,
        specialty=issued.visit.session.specialty.code,
        specialty_name=content.doctor.specialty,
        institution=content.doctor.institution,
        centre_code=content.centre.code,
        centre_name=content.centre.name,
        referral=content.referral,
        patient=patient_of(issued.beneficiary, content),
        doctor=_doctor(issued, content),
        vitals=tuple(sorted((name, float(value)) for name, value in consult.vitals.items())),
        medicines=content.items,
        pdf=pdf,
        present=content.present,
        guardian=content.guardian,
        replaces=issued.replaces.number if issued.replaces else "",
        collect_until=_last_days(issued),
        **_notes(content),
    )


def order_of(issued: Prescription, *, cancelled: bool) -> OrderRecord:
    """Build the order of a prescription's investigations, a line each; none where nothing is to be done."""
    content = Content.from_json(issued.content)
    lines = (one_line(line).strip(" -•*") for part in content.investigations.splitlines() for line in part.split(";"))
    return OrderRecord(
        uid=issued.uid,
        visit_uid=issued.visit.uid,
        number=issued.number,
        cancelled=cancelled,
        issued_at=issued.issued_at,
        patient_uid=issued.beneficiary.uid,
        patient=patient_of(issued.beneficiary, content),
        doctor=_doctor(issued, content),
        centre_code=content.centre.code,
        lines=tuple(line for line in lines if line),
    )


def reference_to(kind: str, visit_uid: str) -> DocumentRef:
    """Build the reference to a visit's document. Raises NotFound when no prescription is issued.

    A cancelled one counts as a version more, so that its state is sent once too; none can follow it.
    """
    issued = prescription_of(visit_uid)
    wanted: Any = kind
    return DocumentRef(wanted, visit_uid, issued.beneficiary.uid, issued.version + bool(issued.cancelled_at))


def export(visit_uid: str, kind: str, *, now: datetime) -> str:
    """Export the document in the format of an installed plugin, on or off. Raises NotFound with a sentence."""
    try:
        record = record_of(visit_uid, by=SYSTEM, now=now)
    except NotFound:
        raise NotFound(_("There is no visit with an issued prescription under this id.")) from None
    for name in registry().installed:
        if text := registry().ask(name, "export_visit", visit=record, kind=kind):
            audit.note("VisitExported", visit_uid, by=SYSTEM, now=now, kind=kind)
            return str(text)
    raise NotFound(_("No installed plugin writes this format."))


def _last_days(issued: Prescription) -> tuple[date, ...]:
    """List the last day of each medicine; empty when all end with the prescription."""
    days = tuple(item.valid_until for item in reading.items_of(issued))
    return days if set(days) - {issued.valid_until} else ()


def _notes(content: Content) -> dict[str, Any]:
    names = ("complaints", "history", "findings", "diagnosis", "icd10", "investigations", "advice", "follow_up_on")
    return {name: getattr(content, name) for name in names}


def patient_of(person: Beneficiary, content: Content) -> PatientRecord:
    """Build the record of a patient: name, sex and numbers as printed, ABHA and birth date as known now."""
    return PatientRecord(
        name=content.patient.name,
        gender=content.patient.gender,
        birth_date=person.entry.date_of_birth,
        ben_id=content.patient.ben_id,
        patient_id=content.patient.patient_id,
        abha_number=person.abha_number or "",
        abha_address=person.abha_address or "",
        identities=tuple(PatientIdentity(row.name, row.system, row.number) for row in identities_of(person)),
    )


def _doctor(issued: Prescription, content: Content) -> DoctorRecord:
    written = content.doctor
    return DoctorRecord(issued.doctor.uid, written.name, written.qualification, written.registration_number)
