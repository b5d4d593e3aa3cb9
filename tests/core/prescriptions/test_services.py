"""Issuing: requirements, immutable content, idempotency."""

import re
from datetime import date, datetime

import pytest
from flask import Flask
from peewee import fn

from portal.core.consults.models import Consult
from portal.core.formulary.index import Formulary
from portal.core.prescriptions import reading, services
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.core.visits.models import Visit
from portal.work.audit import Actor
from portal.work.events import Event
from tests.at_once import at_once, done
from tests.consulting import BASE_URL, make_drug, make_prescription, typed, write_notes
from tests.factories import make_beneficiary, make_staff, make_visit

pytestmark = pytest.mark.usefixtures("usual_medicines")

INJECTED = {
    "items-1-form": "injection",
    "items-1-dose": "2 ml",
    "items-1-instructions": "into the muscle",
    "items-1-quantity": "5",
}

REASONS = {"items-0-reason": "only this helps", "items-1-reason": "as at the hospital"}


def issue_at(visit: Visit) -> str:
    return f"/visits/{visit.uid}/prescription"


def consult_at(visit: Visit) -> str:
    return f"/visits/{visit.uid}/consult"


def test_the_form_is_saved_issued_and_numbered(sign_in, now: datetime) -> None:
    make_drug("Paracetamol", tele_class="O")
    visit = make_visit("in_call")
    answer = sign_in(visit.doctor).submit(issue_at(visit), typed(), page=consult_at(visit))
    assert (answer.status_code, answer.location) == (303, consult_at(visit))
    issued = Prescription.get()
    assert (issued.number, issued.issued_at, issued.valid_until) == ("RX-2611-000001", now, date(2026, 12, 8))
    items = [(item.position, item.drug, item.quantity, item.tele_class) for item in reading.items_of(issued)]
    assert items == [(0, "Paracetamol", 15, "O"), (1, "Cetirizine", 10, "O")]
    assert Event.select().where(Event.name == "PrescriptionIssued").count() == 1


def test_a_saved_draft_can_be_issued_without_the_form(sign_in, now: datetime) -> None:
    visit = make_visit("writing")
    write_notes(visit, now)
    assert sign_in(visit.doctor).submit(issue_at(visit), page=consult_at(visit)).status_code == 303
    assert Prescription.get().items.count() == 2


def test_advice_alone_is_enough(sign_in) -> None:
    visit = make_visit("in_call")
    form = {"diagnosis": "Tension headache", "advice": "Rest", "identity": "yes", "age": "yes"}
    assert sign_in(visit.doctor).submit(issue_at(visit), form, page=consult_at(visit)).status_code == 303
    assert PrescribedItem.select().count() == 0


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ({"diagnosis": ""}, {"diagnosis", "advice"}),
        ({"diagnosis": "", "advice": "Rest"}, {"diagnosis"}),
        ({"diagnosis": "Flu"}, {"advice"}),
        ({"diagnosis": "Flu", "items-0-drug": "Syrup"}, {"items-0-quantity"}),
        ({"diagnosis": "Flu", "items-0-drug": "Zinc", "items-0-quantity": "-1"}, {"items-0-quantity"}),
        ({"diagnosis": "", "items-4-drug": "Tramadol", "items-4-quantity": "1"}, {"items-0-drug", "diagnosis"}),
    ],
)
def test_missing_fields_are_named_and_nothing_is_issued(sign_in, form: dict[str, str], wrong: set[str]) -> None:
    visit = make_visit("in_call")
    answer = sign_in(visit.doctor).submit(issue_at(visit), form, page=consult_at(visit))
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert {name for name in (*wrong, "diagnosis", "advice") if f'href="#{name}"' in text} == wrong
    assert Prescription.select().count() == 0
    assert Event.select().where(Event.name == "PrescriptionIssued").count() == 0


def test_a_medicine_that_became_prohibited_after_the_draft_is_not_issued(sign_in, now: datetime) -> None:
    visit = make_visit("in_call")
    write_notes(visit, now)
    make_drug("Cetirizine", tele_class="PROHIBITED")
    assert sign_in(visit.doctor).submit(issue_at(visit), page=consult_at(visit)).status_code == 422
    assert Prescription.select().count() == 0


@pytest.mark.parametrize("state", ["called"])
def test_before_the_call_nothing_can_be_issued(sign_in, now: datetime, state: str) -> None:
    visit = make_visit(state)
    answer = sign_in(visit.doctor).submit(issue_at(visit), typed(), page=consult_at(visit))
    assert answer.status_code == 409
    assert Prescription.select().count() == 0


def test_the_same_form_twice_is_idempotent(sign_in) -> None:
    visit = make_visit("in_call")
    browser = sign_in(visit.doctor)
    form = typed(**browser.hidden_fields(consult_at(visit)))
    first, second = (browser.post(issue_at(visit), data=form) for _ in range(2))
    assert (first.status_code, second.status_code, first.location) == (303, 303, second.location)
    assert second.headers["Idempotent-Replayed"] == "1"
    assert Prescription.select().count() == 1


def test_another_form_for_an_issued_visit_is_a_conflict(sign_in, now: datetime) -> None:
    visit = make_visit("in_call")
    make_prescription(now, visit)
    for form in (typed(advice="Changed"), None):
        assert sign_in(visit.doctor).submit(issue_at(visit), form, page="/board").status_code == 409
    assert Prescription.select().count() == 1
    assert Consult.get().advice == "Rest and water"


def test_eight_concurrent_requests_issue_one_prescription(app: Flask, now: datetime) -> None:
    """F31."""
    visit = make_visit("in_call")
    write_notes(visit, now)
    by = Actor("staff", visit.doctor.uid)

    def issue() -> Prescription:
        return services.issue_prescription(visit, visit.doctor, base_url=BASE_URL, by=by, now=now)

    assert len(done(at_once(app, [issue] * 8))) == 1
    assert [row.number for row in Prescription.select()] == ["RX-2611-000001"]


def test_another_doctor_gets_not_found_and_other_roles_have_no_permission(sign_in) -> None:
    visit = make_visit("in_call")
    assert sign_in(make_staff("doctor")).submit(issue_at(visit), typed(), page="/board").status_code == 404
    for person in (visit.beneficiary, make_staff("pharmacist"), make_staff("medical_officer"), make_staff("admin")):
        assert sign_in(person).submit(issue_at(visit), typed(), page="/login").status_code == 403
    assert Prescription.select().count() == 0


def test_numbers_of_a_month_have_no_gap_also_after_a_refusal(sign_in, now: datetime) -> None:
    make_prescription(now)
    visit = make_visit("in_call")
    sign_in(visit.doctor).submit(issue_at(visit), {"diagnosis": ""}, page=consult_at(visit))
    assert make_prescription(now).number == "RX-2611-000002"


def test_a_new_month_starts_a_new_series(clock, now: datetime) -> None:
    make_prescription(now)
    clock.set(datetime.fromisoformat("2026-11-30T18:45:00+00:00"))  # 00:15 on 1 December in India
    assert make_prescription(clock.now()).number == "RX-2612-000001"


def test_a_confirmation_has_the_time_of_the_doctor_who_ticked_it(sign_in, now: datetime, clock) -> None:
    visit = make_visit("in_call")
    write_notes(visit, now)
    second = make_staff("doctor", specialty=visit.session.specialty)
    Visit.update(doctor=second).where(Visit.id == visit.id).execute()
    browser, later = sign_in(second), clock.tick(60)
    assert browser.submit(consult_at(visit), typed()).status_code == 303
    row = Consult.get()
    assert row.identity_confirmed_at == row.age_confirmed_at == later


@pytest.mark.parametrize("unticked", ["identity", "age"])
def test_nothing_is_issued_until_name_and_age_are_confirmed(sign_in, unticked: str) -> None:
    visit = make_visit("in_call")
    browser = sign_in(visit.doctor)
    answer = browser.submit(issue_at(visit), typed(**{unticked: ""}), page=consult_at(visit))
    assert answer.status_code == 422
    assert f'href="#{unticked}"' in answer.text
    assert Prescription.select().count() == 0
    row = Consult.get()
    assert (row.identity_confirmed_at is None, row.age_confirmed_at is None) == (
        unticked == "identity",
        unticked == "age",
    )
    answer = browser.submit(issue_at(visit), {"identity": "yes", "age": "yes"}, page=consult_at(visit))
    assert (answer.status_code, Prescription.select().count()) == (303, 1)


def test_a_confirmation_is_stored_with_its_time(now: datetime) -> None:
    make_prescription(now)
    row = Consult.get()
    assert row.identity_confirmed_at == row.age_confirmed_at == row.ended_at == now


def test_a_former_doctors_confirmations_do_not_count_for_the_next_doctor(sign_in, now: datetime, clock) -> None:
    visit = make_visit("in_call")
    write_notes(visit, now)
    second = make_staff("doctor", specialty=visit.session.specialty)
    Visit.update(doctor=second).where(Visit.id == visit.id).execute()
    browser, later = sign_in(second), clock.tick(60)
    assert "checked" not in re.search(r'<input[^>]*id="identity"[^>]*>', browser.get(consult_at(visit)).text)[0]
    answer = browser.submit(issue_at(visit), page=consult_at(visit))
    assert (answer.status_code, Prescription.select().count()) == (422, 0)
    answer = browser.submit(issue_at(visit), {"identity": "yes", "age": "yes"}, page=consult_at(visit))
    row = Consult.get()
    assert (answer.status_code, row.doctor) == (303, second)
    assert row.identity_confirmed_at == row.age_confirmed_at == later


def test_the_rules_look_up_each_medicine_once(sign_in, now: datetime, monkeypatch) -> None:
    asked: list[str] = []
    real = Formulary.tele_class
    monkeypatch.setattr(Formulary, "tele_class", lambda own, text, *rest: asked.append(text) or real(own, text, *rest))
    visit = make_visit("in_call")
    write_notes(visit, now)
    sign_in(visit.doctor).submit(issue_at(visit), page=consult_at(visit))
    assert Prescription.select().exists()
    assert asked == ["Paracetamol", "Cetirizine"] * 2  # by the page, and when it is issued


def test_the_draft_is_on_no_page_of_the_patient(sign_in, now: datetime) -> None:
    visit = make_visit("in_call", beneficiary=make_beneficiary())
    canary = "Zebra-Kanarien-7741"
    write_notes(visit, now, diagnosis=canary, advice=canary, **{"items-0-drug": canary})
    browser = sign_in(visit.beneficiary)
    for path in ("/home", f"/visits/{visit.uid}", f"/visits/{visit.uid}/room", f"/visits/{visit.uid}/prescription.pdf"):
        for accept in ("text/html", "application/json"):
            assert canary not in browser.get(path, headers={"Accept": accept}).get_data(as_text=True)


def test_an_issued_prescription_does_not_follow_the_register_or_the_formulary(now: datetime) -> None:
    issued = make_prescription(now)
    before = Prescription.get_by_id(issued.id).content
    issued.beneficiary.entry.__class__.update(name="Another Name").execute()
    assert Prescription.get_by_id(issued.id).content == before
    assert Prescription.select(fn.MAX(Prescription.version)).scalar() == 1


@pytest.mark.parametrize("written", ["Alprazolam", "alprax 0.25", "अल्प्राजोलम", "A.l.p.r.a.z.o.l.a.m", "Аlprazоlаm"])
@pytest.mark.parametrize("field", ["drug", "strength", "form", "dose", "frequency", "instructions"])
def test_a_barred_medicine_is_refused_in_any_field_of_its_row(sign_in, now: datetime, field: str, written: str) -> None:
    visit = make_visit("in_call")
    form = typed(**{f"items-0-{field}": written})
    answer = sign_in(visit.doctor).submit(issue_at(visit), form, page=consult_at(visit))
    assert answer.status_code == 422
    assert "Alprazolam may not be prescribed" in answer.text
    assert f'id="items-0-{field}-error"' in answer.text
    assert Prescription.select().count() == 0


def test_a_barred_name_split_across_two_fields_is_refused(sign_in, now: datetime) -> None:
    visit = make_visit("in_call")
    form = typed(**{"items-0-drug": "Alpra", "items-0-strength": "zolam 0.5 mg"})
    answer = sign_in(visit.doctor).submit(issue_at(visit), form, page=consult_at(visit))
    assert (answer.status_code, "Alprazolam may not be prescribed" in answer.text) == (422, True)


@pytest.mark.parametrize("text", ["Stop alprazolam slowly over four weeks", "Restyl न लें", "अल्प्राजोलम धीरे-धीरे बंद करें"])
@pytest.mark.parametrize("field", ["advice", "investigations"])
def test_advice_that_stops_a_barred_medicine_is_issued_without_a_question(sign_in, field: str, text: str) -> None:
    visit = make_visit("in_call")
    answer = sign_in(visit.doctor).submit(issue_at(visit), typed(**{field: text}), page=consult_at(visit))
    assert (answer.status_code, Prescription.get().content[field]) == (303, text)


@pytest.mark.parametrize("text", ["Alprazolam 0.25 at night", "रात को Restyl लें", "Stop diazepam and take alprazolam"])
@pytest.mark.parametrize("field", ["advice", "investigations"])
def test_advice_on_a_barred_medicine_is_questioned_once_and_then_issued(sign_in, field: str, text: str) -> None:
    visit = make_visit("in_call")
    doctor, form = sign_in(visit.doctor), typed(**{field: text})
    asked = doctor.submit(issue_at(visit), form, page=consult_at(visit))
    assert (asked.status_code, 'name="judgement"' in asked.text) == (409, True)
    judged = {"judgement": "yes", "judged": "Alprazolam"}
    assert doctor.submit(issue_at(visit), form | judged, page=consult_at(visit)).status_code == 303
    assert Prescription.get().content[field] == text


def test_an_unlisted_form_of_a_listed_medicine_is_in_the_same_question(sign_in) -> None:
    visit = make_visit("in_call")
    doctor, form = sign_in(visit.doctor), typed(mode="video", **{"items-0-drug": "Zeburol 5"}, **INJECTED)
    asked = doctor.submit(issue_at(visit), form, page=consult_at(visit))
    assert (asked.status_code, asked.text.count('name="judgement"'), Prescription.select().count()) == (409, 1, 0)
    assert "No list of the guidelines is known for Zeburol 5." in asked.text
    assert "does not have Cetirizine (injection) in this form" in asked.text
    answers = {"judgement": "yes", "judged": "Zeburol 5, Cetirizine (injection)"} | REASONS
    assert doctor.submit(issue_at(visit), form | answers, page=consult_at(visit)).status_code == 303


@pytest.mark.parametrize("form", ["Tab.", "caplet", "Cap", "syp", "tablat", "गोली"])
def test_an_ordinary_form_of_a_listed_medicine_is_issued_without_a_question(sign_in, form: str) -> None:
    visit = make_visit("in_call")
    answer = sign_in(visit.doctor).submit(
        issue_at(visit), typed(**{"items-0-form": form, "items-0-dose": "1 unit"}), page=consult_at(visit)
    )
    assert answer.status_code == 303


def test_a_tick_does_not_count_for_a_medicine_written_after_it(sign_in) -> None:
    visit = make_visit("in_call")
    doctor = sign_in(visit.doctor)
    later = typed(mode="video", judgement="yes", judged="Quillamin", **{"items-1-drug": "Zeburol"})
    again = doctor.submit(issue_at(visit), later, page=consult_at(visit))
    assert (again.status_code, 'value="Zeburol"' in again.text, Prescription.select().count()) == (409, True, 0)


def test_listed_medicines_are_issued_without_a_question(sign_in) -> None:
    visit = make_visit("in_call")
    doctor = sign_in(visit.doctor)
    assert doctor.submit(issue_at(visit), typed(), page=consult_at(visit)).status_code == 303


def test_a_near_miss_asks_whether_it_was_meant(sign_in) -> None:
    visit = make_visit("in_call")
    form = typed(**{"items-0-instructions": "then alprazolm at night"})
    asked = sign_in(visit.doctor).submit(issue_at(visit), form, page=consult_at(visit))
    assert asked.status_code == 409
    assert "“alprazolm” is nearly Alprazolam" in asked.text
    assert 'id="items-0-reason-error"' in asked.text, "a tick is not enough"
