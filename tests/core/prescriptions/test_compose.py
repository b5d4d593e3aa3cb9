"""Content of a prescription: from the notes, the register and the settings, as of that moment."""

from datetime import date, datetime

from portal.core.paper.content import Content
from portal.core.prescriptions import compose, making, reading
from portal.core.prescriptions.models import Prescription
from portal.work.audit import SYSTEM
from tests.consulting import BASE_URL, make_prescription
from tests.factories import make_beneficiary, make_referral, make_visit


def test_every_field_of_the_guidelines_is_in_the_content(now: datetime) -> None:
    person = make_beneficiary(name="Ramesh Kumar", language="hi")
    visit = make_visit("in_call", beneficiary=person, referral=make_referral(person.entry, number="REF-000777"))
    make_prescription(now, visit, **{"vitals-weight": "71.5", "vitals-pulse": "72", "follow_up_on": "2026-12-07"})
    row = Prescription.get()
    frozen = Content.from_json(row.content)
    assert (frozen.patient.name, frozen.patient.age, frozen.patient.weight) == ("Ramesh Kumar", 41, "71.5")
    assert frozen.doctor.registration_number == "DMC-1234"
    assert frozen.doctor.institution == "Central Government Health Scheme"
    assert (frozen.referral, frozen.token, frozen.language, frozen.kind) == ("REF-000777", "MED-001", "hi", "first")
    assert (frozen.issued_at, frozen.follow_up_on, frozen.valid_until) == (now, date(2026, 12, 7), row.valid_until)
    assert (frozen.verification_code, frozen.verify_url) == (row.code, f"{BASE_URL}/rx/{row.code}")
    assert [(item.drug, item.quantity) for item in frozen.items] == [("Paracetamol", 15), ("Cetirizine", 10)]


def test_vitals_have_their_units() -> None:
    measured = {"systolic": 148.0, "diastolic": 92.0, "temperature": 37.5, "weight": 70.0}
    assert compose.vitals_in_words(measured) == (("BP", "148/92 mmHg"), ("Temp.", "37.5 °C"))
    assert compose.vitals_in_words({}) == ()


def test_the_real_file_is_made_from_it(now: datetime, queue) -> None:
    issued = make_prescription(now)
    making.make_pdf(issued.id, now)
    stored = Prescription.get_by_id(issued.id)
    content = reading.file_of(stored, by=SYSTEM, now=now)
    assert content.startswith(b"%PDF-")
    assert len(stored.sha256) == 64
