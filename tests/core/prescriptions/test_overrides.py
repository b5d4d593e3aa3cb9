"""Safety at Issue: one question with the law's, a typed reason where it stops, and what is kept for the report."""

import html
from datetime import datetime, timedelta

import pytest

from portal.core.chart import services as chart
from portal.core.chart.forms import Typed
from portal.core.prescriptions import overrides
from portal.core.prescriptions.models import Override, PrescribedItem, Prescription
from portal.core.visits.models import Visit
from portal.work.audit import Actor
from tests.consulting import make_drug, make_prescription, typed
from tests.core.prescriptions.test_services import consult_at, issue_at
from tests.factories import make_visit

pytestmark = pytest.mark.usefixtures("usual_medicines")


@pytest.fixture
def visit() -> Visit:
    for name in ("Ibuprofen", "Naproxen", "Amoxicillin", "Methotrexate"):
        make_drug(name)
    return make_visit("in_call")


def two(**changes: str) -> dict[str, str]:
    return typed(mode="video", **{"items-0-drug": "Ibuprofen", "items-0-strength": "400 mg"} | changes)


NSAIDS = {"items-1-drug": "Naproxen", "items-1-strength": "250 mg"}


def allergic(visit: Visit, now: datetime, grade: str) -> None:
    by = Actor("staff", visit.doctor.uid)
    entry = Typed("allergy", "Penicillin", "rash", grade)
    chart.add_entry(visit.beneficiary, entry, by_staff=visit.doctor, by=by, now=now)


def test_two_painkillers_are_asked_once_and_the_answer_is_kept(sign_in, visit: Visit, now: datetime) -> None:
    doctor = sign_in(visit.doctor)
    asked = doctor.submit(issue_at(visit), two(**NSAIDS), page=consult_at(visit))
    assert (asked.status_code, asked.text.count('name="judgement"'), Prescription.select().count()) == (409, 1, 0)
    assert 'value="two_nsaids: Ibuprofen + Naproxen"' in asked.text
    answer = {"judgement": "yes", "judged": "two_nsaids: Ibuprofen + Naproxen"}
    assert doctor.submit(issue_at(visit), two(**NSAIDS) | answer, page=consult_at(visit)).status_code == 303
    kept = Override.get()
    assert (kept.rule, kept.tier, kept.position, kept.reason) == ("two_nsaids", "ask", 0, "")
    assert overrides.counts(now - timedelta(days=1)) == [overrides.Count("two_nsaids", "ask", 1, 100.0)]


def test_law_and_safety_ask_in_one_step(sign_in, visit: Visit) -> None:
    doctor = sign_in(visit.doctor)
    unlisted = {"items-2-drug": "Zeburol", "items-2-form": "tablet", "items-2-strength": "5 mg"}
    unlisted |= {
        "items-2-dose": "1",
        "items-2-frequency": "OD",
        "items-2-duration_days": "5",
        "items-2-reason": "as before",
    }
    asked = doctor.submit(issue_at(visit), two(**NSAIDS | unlisted), page=consult_at(visit))
    assert (asked.status_code, asked.text.count('name="judgement"')) == (409, 1)
    assert 'value="Zeburol, two_nsaids: Ibuprofen + Naproxen"' in asked.text


def test_an_anaphylaxis_on_record_demands_a_typed_reason(sign_in, visit: Visit, now: datetime) -> None:
    allergic(visit, now, "anaphylaxis")
    doctor, form = sign_in(visit.doctor), two(**{"items-0-drug": "Amoxicillin", "judgement": "yes"})
    refused = doctor.submit(issue_at(visit), form, page=consult_at(visit))
    assert (refused.status_code, 'id="items-0-reason-error"' in refused.text) == (409, True)
    reasoned = form | {"items-0-reason": "desensitised in 2025"}
    assert doctor.submit(issue_at(visit), reasoned, page=consult_at(visit)).status_code == 303
    assert (Override.get().rule, Override.get().reason) == ("anaphylaxis", "desensitised in 2025")


def test_a_present_medicine_of_another_visit_counts(sign_in, visit: Visit, now: datetime) -> None:
    before = make_prescription(now, visit, **{"items-0-drug": "Naproxen", "items-0-strength": "250 mg"})
    Visit.update(state="completed", live_key=None).where(Visit.id == visit.id).execute()
    later = make_visit("in_call", beneficiary=before.beneficiary, doctor=before.doctor)
    asked = sign_in(later.doctor).submit(issue_at(later), two(), page=consult_at(later))
    assert (asked.status_code, "Ibuprofen with Naproxen" in asked.text) == (409, True)


def test_a_typed_quantity_that_contradicts_is_asked_and_never_replaced(sign_in, visit: Visit) -> None:
    doctor, form = sign_in(visit.doctor), two(**{"items-0-quantity": "30"})
    asked = doctor.submit(issue_at(visit), form, page=consult_at(visit))
    assert (asked.status_code, "quantity 30, but dose and days make 15" in asked.text) == (409, True)
    assert doctor.submit(issue_at(visit), form | {"judgement": "yes"}, page=consult_at(visit)).status_code == 303
    assert PrescribedItem.get(PrescribedItem.position == 0).quantity == 30


def test_a_note_needs_no_click(sign_in, visit: Visit) -> None:
    make_drug("Aspirin")
    aspirin = {"items-1-drug": "Aspirin", "items-1-strength": "75 mg"}
    assert sign_in(visit.doctor).submit(issue_at(visit), two(**aspirin), page=consult_at(visit)).status_code == 303
    assert Override.select().count() == 0


def test_the_page_gathers_the_concerns_and_says_the_doses(sign_in, visit: Visit) -> None:
    doctor = sign_in(visit.doctor)
    assert doctor.submit(consult_at(visit), two(**NSAIDS), page=consult_at(visit)).status_code == 303
    page = html.unescape(doctor.get(consult_at(visit)).get_data(as_text=True))
    assert '<a href="#items-0-drug">Medicine 1</a>: Ibuprofen with Naproxen' in page
    assert "1 tablet three times a day: 15 tablets, 5 days" in page


def test_while_typing_nothing_is_saved_and_each_line_is_answered(sign_in, visit: Visit) -> None:
    doctor = sign_in(visit.doctor)
    form = two(**{"items-0-frequency": "1-0-1", "items-0-dose": "", "items-0-duration_days": "30"})
    answer = doctor.submit(f"/visits/{visit.uid}/checks", form, page=consult_at(visit), headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert 'id="items-0-said" class="said small" hx-swap-oob="true">1 tablet in the morning' in answer.text
    assert "60 tablets, 30 days" in answer.text
    assert "Nothing written yet." in doctor.get(consult_at(visit)).get_data(as_text=True)


def test_an_allergy_written_as_a_brand_or_in_hindi_counts_by_its_substance(sign_in, visit: Visit) -> None:
    make_drug("Cetirizine", aliases="", brands="Okacet")
    doctor = sign_in(visit.doctor)
    for written in ("Okacet", "सेट्रीज़ीन"):
        known = {"substance": written}
        doctor.submit(f"/people/{visit.beneficiary.uid}/allergies", known, page=consult_at(visit))
    form = two(**{"items-0-drug": "Cetirizine", "items-0-strength": "10 mg"})
    answer = doctor.submit(f"/visits/{visit.uid}/checks", form, page=consult_at(visit), headers={"HX-Request": "true"})
    found = html.unescape(answer.text)
    assert "Cetirizine: allergy on record (Okacet)" in found
    assert "Cetirizine: allergy on record (सेट्रीज़ीन)" in found


def test_a_line_in_hindi_asks_for_the_count_by_the_word_of_its_box(sign_in, visit: Visit) -> None:
    doctor = sign_in(visit.doctor)
    doctor.get("/lang/hi")
    form = two(**{"items-0-dose": "", "items-0-duration_days": "", "items-0-quantity": ""})
    answer = doctor.submit(f"/visits/{visit.uid}/checks", form, page=consult_at(visit), headers={"HX-Request": "true"})
    assert "दिन में तीन बार। संख्या बताइए।" in answer.text
