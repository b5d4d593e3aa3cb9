"""The law enforced at Issue: refusals and questions, refills and follow-ups, and what is stored of them."""

import re
from datetime import datetime

import pytest

from portal.core.consults.models import Consult
from portal.core.formulary import barred
from portal.core.paper import pdf
from portal.core.paper.content import Content
from portal.core.prescribing.law import VERSION
from portal.core.prescribing.models import JudgedName
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.core.prescriptions.reading import items_of
from portal.core.visits.models import Visit
from portal.work.audit import AuditRow
from tests.consulting import make_drug, make_prescription, typed, write_notes
from tests.core.prescriptions.test_services import INJECTED, REASONS, consult_at, issue_at
from tests.factories import make_visit

pytestmark = pytest.mark.usefixtures("usual_medicines")


def test_medicines_outside_the_guidelines_lists_are_shown_and_audited(sign_in, now: datetime) -> None:
    visit = make_visit("in_call")
    write_notes(visit, now, **{"items-1-drug": "Zeburol", "items-1-reason": "nothing else helped"})
    doctor = sign_in(visit.doctor)
    assert "clinical judgement: Zeburol" in doctor.get(consult_at(visit)).get_data(as_text=True)
    answer = doctor.submit(issue_at(visit), {"judgement": "yes", "judged": "Zeburol"}, page=consult_at(visit))
    assert answer.status_code == 303
    assert '"outside_lists": 1' in AuditRow.get(AuditRow.action == "PrescriptionIssued").details
    kept = {
        "version": VERSION,
        "barred": barred.version(),
        "formulary": "2",
        "rule": "unlisted, by video",
        "reason": "nothing else helped",
    }
    assert [item.judged for item in items_of(Prescription.get())] == [
        {"version": VERSION, "barred": barred.version(), "formulary": "2", "rule": "O"},
        kept,
    ]


def test_list_b_in_a_first_consultation_is_refused_at_its_row_but_saved_and_completed(sign_in) -> None:
    make_drug("Cetirizine", tele_class="B")
    visit = make_visit("in_call")
    doctor = sign_in(visit.doctor)
    answer = doctor.submit(issue_at(visit), typed(), page=consult_at(visit))
    assert (answer.status_code, 'id="items-1-drug-error"' in answer.text) == (422, True)
    assert "Telemedicine Practice Guidelines 2020, 3.7.4, List B" in answer.text
    assert [item["drug"] for item in Consult.get().items] == ["Paracetamol", "Cetirizine"]
    assert doctor.submit(f"/visits/{visit.uid}/complete", {"confirm": "yes"}, page=consult_at(visit)).status_code == 303


def test_a_medicine_taken_already_is_issued_as_a_refill_and_printed(sign_in) -> None:
    make_drug("Cetirizine", tele_class="B")
    visit = make_visit("in_call")
    form = typed(mode="video", **{"items-1-taken_since": "March 2024"})
    assert sign_in(visit.doctor).submit(issue_at(visit), form, page=consult_at(visit)).status_code == 303
    item = PrescribedItem.get(PrescribedItem.position == 1)
    assert item.instructions == "Taken since March 2024, seen on paper"
    assert item.judged == {
        "version": VERSION,
        "barred": barred.version(),
        "formulary": "3",
        "rule": "A, by video",
        "continues": "March 2024",
    }


def test_a_refill_by_phone_names_the_earlier_prescription(sign_in, now: datetime) -> None:
    make_drug("Cetirizine", tele_class="A")
    before = make_prescription(now)
    Visit.update(state="completed", live_key=None).where(Visit.id == before.visit_id).execute()
    visit = make_visit("in_call", beneficiary=before.beneficiary, doctor=before.doctor)
    form = typed(mode="phone", kind="follow_up")
    assert sign_in(visit.doctor).submit(issue_at(visit), form, page=consult_at(visit)).status_code == 303
    item = PrescribedItem.select().order_by(PrescribedItem.id.desc()).get()
    assert item.judged == {
        "version": VERSION,
        "barred": barred.version(),
        "formulary": "3",
        "rule": "A, refill",
        "continues": before.number,
    }


def test_a_cancelled_prescription_is_no_basis_for_a_refill(sign_in, now: datetime) -> None:
    make_drug("Cetirizine", tele_class="A")
    before = make_prescription(now)
    Visit.update(state="completed", live_key=None).where(Visit.id == before.visit_id).execute()
    Prescription.update(cancelled_at=now).execute()
    visit = make_visit("in_call", beneficiary=before.beneficiary, doctor=before.doctor)
    form = typed(mode="phone", kind="follow_up")
    answer = sign_in(visit.doctor).submit(issue_at(visit), form, page=consult_at(visit))
    assert (answer.status_code, 'id="items-1-drug-error"' in answer.text) == (422, True)


def test_seen_in_person_on_allows_a_follow_up_and_is_frozen(sign_in) -> None:
    visit = make_visit("in_call")
    doctor, form = sign_in(visit.doctor), typed(kind="follow_up")
    answer = doctor.submit(issue_at(visit), form, page=consult_at(visit))
    assert (answer.status_code, 'href="#kind"' in answer.text) == (422, True)
    form |= {"seen_in_person_on": "2026-10-01"}
    assert doctor.submit(issue_at(visit), form, page=consult_at(visit)).status_code == 303
    assert Prescription.get().content["seen_in_person_on"] == "2026-10-01"
    printed = pdf.html_of(Content.from_json(Prescription.get().content))
    assert re.search("Seen in person / सामने देखा [^<]*1[^<]*2026", printed)


def test_unlisted_medicines_share_one_question_and_the_tick_is_audited(sign_in) -> None:
    visit = make_visit("in_call")
    doctor, form = (
        sign_in(visit.doctor),
        typed(mode="video", **{"items-0-drug": "Zeburol 5", "items-1-drug": "Quillamin"}),
    )
    asked = doctor.submit(issue_at(visit), form, page=consult_at(visit))
    assert all(f'id="items-{place}-reason-error"' in asked.text for place in (0, 1))
    assert (asked.status_code, asked.text.count('name="judgement"'), Prescription.select().count()) == (409, 1, 0)
    assert "<li>No list of the guidelines is known for Zeburol 5, Quillamin" in asked.text
    assert 'href="#judgement"' in asked.text  # the summary leads to the tick
    answers = {"judgement": "yes", "judged": "Zeburol 5, Quillamin", "items-0-reason": "only this helps"}
    assert doctor.submit(issue_at(visit), form | answers, page=consult_at(visit)).status_code == 409
    answers |= {"items-1-reason": "as at the hospital"}
    assert doctor.submit(issue_at(visit), form | answers, page=consult_at(visit)).status_code == 303
    assert '"judged": true' in AuditRow.get(AuditRow.action == "PrescriptionIssued").details


def test_the_same_name_is_not_asked_again_of_the_same_doctor(sign_in, now: datetime) -> None:
    visit = make_visit("in_call")
    form = typed(**{"items-1-drug": "Zeburol 5", "items-1-reason": "only this helps"})
    doctor = sign_in(visit.doctor)
    assert doctor.submit(issue_at(visit), form, page=consult_at(visit)).status_code == 409
    assert JudgedName.select().count() == 0
    answers = {"judgement": "yes", "judged": "Zeburol 5"}
    assert doctor.submit(issue_at(visit), form | answers, page=consult_at(visit)).status_code == 303
    assert [(row.doctor, row.name, row.at) for row in JudgedName.select()] == [(visit.doctor, "zeburol", now)]
    again = make_visit("in_call", doctor=visit.doctor)
    Visit.update(state="completed", live_key=None).where(Visit.id == visit.id).execute()
    form |= {"items-1-drug": "ZEBUROL 10 mg", "items-1-reason": ""}
    doctor.submit(consult_at(again), form, page=consult_at(again))
    assert "as you have answered for the same name before: ZEBUROL 10 mg" in doctor.get(consult_at(again)).text
    assert doctor.submit(issue_at(again), form, page=consult_at(again)).status_code == 303
    details = [row.details for row in AuditRow.select().where(AuditRow.action == "PrescriptionIssued")]
    assert ['"judged": true' in each for each in details] == [True, False]
    assert all('"outside_lists": 1' in each for each in details)
    other = make_visit("in_call")
    assert sign_in(other.doctor).submit(issue_at(other), form, page=consult_at(other)).status_code == 409


def test_an_unlisted_form_requires_video(sign_in) -> None:
    visit = make_visit("in_call")
    answer = sign_in(visit.doctor).submit(issue_at(visit), typed(mode="phone", **INJECTED), page=consult_at(visit))
    assert (answer.status_code, 'id="items-1-form-error"' in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("kind", "mode", "status"),
    [
        ("first", "video", 303),
        ("first", "audio", 422),
        ("first", "phone", 422),
        ("first", "text", 422),
        ("follow_up", "video", 303),
        ("follow_up", "audio", 422),
    ],
)
def test_an_unlisted_medicine_requires_video(sign_in, kind: str, mode: str, status: int) -> None:
    visit = make_visit("in_call")
    seen = {"seen_in_person_on": "2026-10-01"}
    form = typed(kind=kind, mode=mode, judgement="yes", **{"items-0-drug": "Zeburol"} | REASONS | seen)
    answer = sign_in(visit.doctor).submit(issue_at(visit), form, page=consult_at(visit))
    assert answer.status_code == status
    assert ('id="items-0-drug-error"' in answer.text) == (status == 422)
    assert Prescription.select().count() == (status == 303)
