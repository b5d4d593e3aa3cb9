"""Minors and caregivers at Issue: what is asked, and where it is kept, printed and sent."""

from datetime import date, datetime

import pytest

from portal.core.consults.models import Consult
from portal.core.paper import pdf
from portal.core.paper.content import Content
from portal.core.prescriptions.exchange import record_of
from portal.core.prescriptions.making import make_pdf
from portal.core.prescriptions.models import Prescription
from portal.core.visits.models import Visit
from portal.work.audit import SYSTEM
from tests.consulting import make_prescription, typed, write_notes
from tests.core.prescriptions.test_services import consult_at, issue_at
from tests.factories import make_beneficiary, make_staff, make_visit

pytestmark = pytest.mark.usefixtures("usual_medicines")
MOTHER = {
    "present": "caregiver",
    "guardian-name": "Sunita Kumar",
    "guardian-relation": "mother",
    "guardian-identity": "CGHS card",
    "consent": "yes",
    "vitals-weight": "9.5",
}


def child(born: date = date(2025, 9, 20)) -> Visit:
    """A visit of an infant of fourteen months, in its call."""
    return make_visit("in_call", beneficiary=make_beneficiary(date_of_birth=born))


def test_a_minors_prescription_needs_the_adult_and_the_weight_but_nothing_else_is_stopped(sign_in) -> None:
    visit = child()
    doctor = sign_in(visit.doctor)
    refused = doctor.submit(issue_at(visit), typed(), page=consult_at(visit))
    assert (refused.status_code, Prescription.select().count()) == (422, 0)
    for name in ("present", "guardian-name", "guardian-relation", "guardian-identity", "consent", "vitals-weight"):
        assert f'href="#{name}"' in refused.text
    assert "together with an adult" in refused.text
    assert Consult.get().diagnosis == "Tension headache"
    assert doctor.submit(f"/visits/{visit.uid}/complete", {"confirm": "yes"}, page=consult_at(visit)).status_code == 303


def test_the_adult_is_kept_printed_and_sent(sign_in, now: datetime) -> None:
    visit = child()
    doctor = sign_in(visit.doctor)
    assert doctor.submit(issue_at(visit), typed(**MOTHER), page=consult_at(visit)).status_code == 303
    consult = Consult.get()
    assert (consult.present, consult.consent_at is not None) == ("caregiver", True)
    assert consult.guardian == {"name": "Sunita Kumar", "relation": "mother", "identity": "CGHS card"}
    issued = Prescription.get()
    printed = pdf.html_of(Content.from_json(issued.content))
    assert "Age / उम्र 14 months / महीने" in printed
    assert "caregiver / देखभाल करने वाले" in printed
    assert "Sunita Kumar (mother · CGHS card)" in printed
    make_pdf(issued.id, now)
    record = record_of(visit.uid, by=SYSTEM, now=now)
    assert (record.present, record.guardian.name, record.guardian.relation) == ("caregiver", "Sunita Kumar", "mother")
    closed = doctor.get(consult_at(visit)).text
    assert "Sunita Kumar · mother · CGHS card · agrees to the consultation" in closed


def test_an_adult_without_a_caregiver_was_present_alone(now: datetime) -> None:
    issued = make_prescription(now)
    assert (issued.content["present"], "guardian" in issued.content) == ("patient", False)
    assert "Present / मौजूद: patient / मरीज़" in pdf.html_of(Content.from_json(issued.content))


def test_consent_is_asked_again_by_the_next_doctor(now: datetime, sign_in) -> None:
    visit = child()
    write_notes(visit, now, **MOTHER)
    first = Consult.get().consent_at
    write_notes(visit, now, **MOTHER | {"guardian-name": "Sunita K"})
    assert Consult.get().consent_at == first
    other = make_staff()
    Visit.update(doctor=other).where(Visit.id == visit.id).execute()
    page = sign_in(other).get(consult_at(visit)).text
    assert 'value="Sunita K"' in page
    assert 'name="consent" value="yes" checked' not in page


@pytest.mark.parametrize(
    ("born", "words"),
    [
        (date(2026, 11, 10), "under 1 month"),
        (date(2026, 10, 1), "1 month"),
        (date(2025, 9, 20), "14 months"),
        (date(2024, 11, 20), "2 years"),
    ],
)
def test_an_infants_age_is_shown_in_months(sign_in, clock, born: date, words: str) -> None:
    visit = child(born)
    assert f'<p class="lead">{words} ·' in sign_in(visit.doctor).get(consult_at(visit)).text
    officer = sign_in(make_staff("medical_officer", centre=visit.beneficiary.entry.centre))
    found = officer.get(f"/referrals/new?ben_id={visit.beneficiary.entry.ben_id}").text
    assert words in found
