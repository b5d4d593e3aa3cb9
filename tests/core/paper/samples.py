"""A sample prescription."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from portal.contracts import MedicineRecord
from portal.core.paper import pdf
from portal.core.paper.content import Centre, Content, Doctor, Patient

DOCTOR = Doctor(
    name="Dr Asha Verma",
    name_hi="डॉ. आशा वर्मा",
    qualification="MD (Medicine)",
    registration_number="DMC-20411",
    specialty="Medicine",
    specialty_hi="सामान्य चिकित्सा (मेडिसिन)",
    institution="Central Government Health Scheme",
    address="Nirman Bhawan, New Delhi 110011",
    phone="011-23000000",
    email="",
)
PATIENT = Patient(
    name="Ramesh Kumar",
    name_hi="रमेश कुमार",
    age=41,
    gender="male",
    ben_id="1000001",
    patient_id="2611230000011",
    address="12 Lodhi Road, New Delhi",
    weight="72",
    height="168",
)
ITEM = MedicineRecord(
    drug="Amlodipine",
    form="tablet",
    strength="5 mg",
    dose="1 tab",
    frequency="OD",
    duration_days=30,
    quantity=30,
    instructions="After food",
)


def sample(medicines: int = 3, **changes: Any) -> Content:
    """Make a usual prescription with this many medicines."""
    content = Content(
        number="RX-2611-000123",
        issued_at=datetime(2026, 11, 23, 4, 30, tzinfo=UTC),
        verification_code="7K2M-9QXR-4TCD-WH3P",
        verify_url="https://opd.example.gov.in/rx/7K2M-9QXR-4TCD-WH3P",
        token="MED-012",
        mode="video",
        kind="first",
        language="en",
        doctor=DOCTOR,
        patient=PATIENT,
        centre=Centre("01", "Gole Market", "गोल मार्केट"),
        referral="REF-000012",
        exemption="",
        complaints="Headache for three days",
        history="Hypertension since 2019",
        findings="",
        vitals=(("BP", "150/92 mmHg"),),
        diagnosis="Essential hypertension",
        icd10="I10",
        investigations="ECG",
        items=tuple(replace(ITEM, drug=f"Medicine {n}") for n in range(medicines)),
        advice="Rest",
        follow_up_on=date(2026, 12, 21),
        valid_until=date(2027, 5, 22),
    )
    return replace(content, **changes)


def render(content: Content) -> bytes:
    """Print the PDF in a child process, as the job does."""
    with pdf.reserved() as print_now:
        return print_now(content)
