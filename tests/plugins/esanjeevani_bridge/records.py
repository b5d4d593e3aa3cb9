"""Documented visits for tests: one with everything, one with the least, and a hypothesis strategy."""

from dataclasses import replace
from datetime import UTC, date, datetime

from portal_plugins.esanjeevani_bridge.fhir.draft import Sender

from portal.contracts import DoctorRecord, MedicineRecord, PatientIdentity, PatientRecord, VisitRecord

SENDER = Sender("https://opd.example.in", "IN3210000017")
PDF = b"%PDF-1.7 a prescription"

FULL = VisitRecord(
    uid="visitvisitvisitvisitv1",
    number="RX-2611-000001",
    version=1,
    cancelled=False,
    issued_at=datetime(2026, 11, 23, 4, 30, 0, 123456, tzinfo=UTC),
    valid_until=date(2027, 5, 22),
    started_at=datetime(2026, 11, 23, 4, 10, tzinfo=UTC),
    ended_at=datetime(2026, 11, 23, 4, 29, 59, tzinfo=UTC),
    mode="video",
    present="patient",
    kind="follow_up",
    specialty="medicine",
    specialty_name="General medicine",
    institution="Central Government Health Scheme",
    centre_code="01",
    centre_name="Gole Market",
    referral="REF-2611-000007",
    patient=PatientRecord(
        "Ramesh Kumar",
        "male",
        date(1985, 5, 5),
        "1000001",
        "2611230000017",
        "91123456789012",
        "ramesh.k@abdm",
        (PatientIdentity("Insurance card", "https://cards.example.in/number", "IC-4711"),),
    ),
    doctor=DoctorRecord("doctordoctordoctordoc1", "Dr Asha Verma", "MD", "DMC-1234"),
    complaints="Headache for three days",
    history="Hypertension since 2019 <treated> & stable",
    findings="Alert; कोई सूजन नहीं",
    vitals=(
        ("diastolic", 84.0),
        ("glucose", 110.0),
        ("height", 168.0),
        ("pulse", 78.0),
        ("spo2", 97.0),
        ("systolic", 132.0),
        ("temperature", 37.2),
        ("weight", 70.5),
    ),
    diagnosis="Tension headache",
    icd10="G44.2",
    investigations="CBC, fasting sugar",
    medicines=(
        MedicineRecord("Paracetamol", "tablet", "500 mg", "1", "TDS", 5, 15, "After food"),
        MedicineRecord("Cetirizine", "", "", "1", "SOS", None, 10, ""),
        MedicineRecord("Lactulose, solution", "oral solution", "10 g/15 ml", "15 ml", "at night", 10, 1, ""),
    ),
    advice="Rest and water",
    follow_up_on=date(2026, 12, 7),
    pdf=PDF,
)

LEAST = replace(
    FULL,
    valid_until=None,
    kind="first",
    present="patient",
    specialty="dental",
    specialty_name="Dental",
    referral="",
    complaints="",
    history="",
    findings="",
    vitals=(),
    diagnosis="",
    icd10="",
    investigations="",
    medicines=(),
    follow_up_on=None,
    patient=replace(FULL.patient, identities=(), abha_number="", abha_address="", gender="other"),
    doctor=DoctorRecord("doctordoctordoctordoc2", "Dr B", "", ""),
)

# What a prescription lacks.
NOTES = {
    "complaints": "",
    "history": "",
    "findings": "",
    "vitals": (),
    "investigations": "",
    "advice": "",
    "follow_up_on": None,
}
