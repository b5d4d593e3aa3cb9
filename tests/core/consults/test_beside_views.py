"""What is looked up beside the form: earlier notes, the last prescription, diagnoses."""

import pytest

from portal.contracts import Panel, PanelFact
from portal.core.consults import services
from portal.core.shortcuts.models import Shortcut
from portal.core.visits.models import Visit
from portal.work.audit import AuditRow
from tests.consulting import typed
from tests.core.consults.test_earlier import past_visit
from tests.factories import make_beneficiary, make_specialty, make_staff, make_visit
from tests.fakes import install_plugin


@pytest.fixture
def person(app):
    return make_beneficiary()


def test_the_treating_doctor_opens_an_earlier_note_and_that_is_audited(sign_in, person, now) -> None:
    before, visit = past_visit(person, now), make_visit("in_call", beneficiary=person)
    browser = sign_in(visit.doctor)
    assert f"/visits/{before.uid}/earlier" in browser.get(f"/visits/{visit.uid}/consult").get_data(as_text=True)
    text = browser.get(f"/visits/{before.uid}/earlier").get_data(as_text=True)
    assert "Tension headache" in text
    assert "Cetirizine" in text
    assert AuditRow.select().where((AuditRow.action == "ConsultRead") & (AuditRow.subject == before.uid)).count() == 1


def test_earlier_notes_are_not_found_without_the_patient_and_after_the_visit(sign_in, person, now) -> None:
    before = past_visit(person, now)
    assert sign_in(make_staff("doctor")).get(f"/visits/{before.uid}/earlier").status_code == 404
    over = make_visit("completed", beneficiary=person)
    assert sign_in(over.doctor).get(f"/visits/{before.uid}/earlier").status_code == 404


def test_notes_of_psychiatry_are_not_found_for_another_specialty(sign_in, person, now) -> None:
    before, visit = past_visit(person, now, "psychiatry"), make_visit("in_call", beneficiary=person)
    browser = sign_in(visit.doctor)
    assert browser.get(f"/visits/{before.uid}/earlier").status_code == 404
    text = browser.get(f"/visits/{visit.uid}/consult").get_data(as_text=True)
    assert "Tension headache" not in text
    assert "Paracetamol" in text  # the medicine, as it may not go with another
    assert browser.get(f"/visits/{before.uid}/prescription.pdf").status_code == 404
    colleague = make_staff("doctor", specialty=make_specialty("psychiatry"))
    make_visit("in_call", beneficiary=make_beneficiary(), doctor=colleague)
    assert sign_in(colleague).get(f"/visits/{before.uid}/earlier").status_code == 404


def test_the_medicines_of_last_time_become_rows_of_the_draft(sign_in, person, now) -> None:
    past_visit(person, now)
    visit = make_visit("in_call", beneficiary=person)
    browser = sign_in(visit.doctor)
    form = {"complaints": "Better", "repeat-1": "stop"}
    answer = browser.submit(f"/visits/{visit.uid}/repeat", form, page=f"/visits/{visit.uid}/consult")
    assert (answer.status_code, answer.location) == (303, f"/visits/{visit.uid}/consult")
    notes = services.notes_of(visit, visit.doctor)
    assert (notes.complaints, [item.drug for item in notes.items]) == ("Better", ["Paracetamol"])
    assert notes.advice == "Stop taking Cetirizine."


def test_without_an_earlier_prescription_there_is_nothing_to_repeat(sign_in) -> None:
    visit = make_visit("in_call")
    browser = sign_in(visit.doctor)
    consult = f"/visits/{visit.uid}/consult"
    assert "Same as last time" not in browser.get(consult).get_data(as_text=True)
    assert browser.submit(f"/visits/{visit.uid}/repeat", typed(), page=consult).status_code == 409


def test_a_stale_window_repeats_nothing(sign_in, person, now) -> None:
    past_visit(person, now)
    visit = make_visit("in_call", beneficiary=person)
    browser = sign_in(visit.doctor)
    consult = f"/visits/{visit.uid}/consult"
    browser.submit(consult, typed())
    answer = browser.submit(f"/visits/{visit.uid}/repeat", {"version": "0", "complaints": "Other"}, page=consult)
    assert answer.status_code == 409


def test_diagnoses_are_suggested_for_what_is_typed_in_any_of_their_fields(sign_in) -> None:
    browser = sign_in(make_staff("doctor"))
    htmx = {"HX-Request": "true"}
    for field in ("diagnosis", "icd10", "problem_code"):
        text = browser.get("/diagnoses", query_string={field: "typhoid"}, headers=htmx).get_data(as_text=True)
        assert 'value="A01 Typhoid fever"' in text
        assert "<html" not in text
    found = browser.get("/diagnoses?q=a01", headers={"Accept": "application/json"}).get_json()
    assert {"code": "A01", "label": "Typhoid fever"} in found


def consult_of(visit) -> str:
    return f"/visits/{visit.uid}/consult"


def test_the_typed_medicines_are_kept_as_a_template_and_inserted_for_the_next_patient(sign_in, now) -> None:
    first = make_visit("in_call")
    browser = sign_in(first.doctor)
    answer = browser.submit(
        f"/visits/{first.uid}/keep-rows", typed(**{"template-name": "Cold"}), page=consult_of(first)
    )
    assert (answer.status_code, answer.location) == (303, consult_of(first))
    assert services.notes_of(first, first.doctor).diagnosis == "Tension headache"
    Visit.update(state="completed", live_key=None).execute()
    visit = make_visit("in_call", doctor=first.doctor)
    kept = Shortcut.get()
    form = {"complaints": "Cold", "insert-rows": kept.uid, "items-0-drug": "Cetirizine"}
    answer = browser.submit(f"/visits/{visit.uid}/insert?part=rows", form, page=consult_of(visit))
    assert (answer.status_code, answer.location) == (303, consult_of(visit))
    notes = services.notes_of(visit, visit.doctor)
    assert (notes.complaints, [item.drug for item in notes.items]) == ("Cold", ["Cetirizine", "Paracetamol"])


def test_a_template_without_a_name_is_refused_at_its_field_and_nothing_typed_is_lost(sign_in) -> None:
    visit = make_visit("in_call")
    browser = sign_in(visit.doctor)
    answer = browser.submit(f"/visits/{visit.uid}/keep-rows", typed(), page=consult_of(visit))
    assert answer.status_code == 422
    assert 'id="template-name-error"' in answer.text
    assert "Tension headache" in answer.text


def test_a_phrase_is_inserted_in_the_language_of_the_patient(sign_in, now) -> None:
    visit = make_visit("in_call", beneficiary=make_beneficiary(language="hi"))
    phrase = Shortcut.create(doctor=visit.doctor, kind="advice", text="Walk daily", text_hi="रोज़ टहलें", at=now)
    browser = sign_in(visit.doctor)
    assert "रोज़ टहलें" in browser.get(consult_of(visit)).text
    browser.submit(f"/visits/{visit.uid}/insert?part=advice", {"insert-advice": phrase.uid}, page=consult_of(visit))
    assert services.notes_of(visit, visit.doctor).advice == "रोज़ टहलें"


@pytest.mark.parametrize("part", ["rows", "advice", "", "nonsense"])
def test_a_shortcut_of_another_doctor_or_kind_is_not_found(sign_in, now, part) -> None:
    visit = make_visit("in_call")
    row = Shortcut.create(doctor=make_staff("doctor"), kind=part, text="x", at=now)
    answer = sign_in(visit.doctor).submit(
        f"/visits/{visit.uid}/insert?part={part}", {f"insert-{part}": row.uid}, page=consult_of(visit)
    )
    assert answer.status_code == 404


def test_panels_of_plugins_are_loaded_beside_the_notes_and_escaped(app, sign_in, person) -> None:
    visit = make_visit("in_call", beneficiary=person)
    facts = (PanelFact("Haemoglobin", "<b>9.1</b> g/dl", "below 12", "warn"),)
    install_plugin(app, "lab", visit_panel=lambda visit: Panel(f"Laboratory {visit.token}", facts, url="https://evil"))
    browser = sign_in(visit.doctor)
    assert f'hx-get="/visits/{visit.uid}/panels"' in browser.get(f"/visits/{visit.uid}/consult").text
    shown = browser.get(f"/visits/{visit.uid}/panels").text
    assert f"Laboratory {visit.token}" in shown
    assert "&lt;b&gt;9.1&lt;/b&gt; g/dl" in shown
    assert "evil" not in shown


def test_another_doctor_sees_no_panels_and_without_a_plugin_there_is_no_place(app, sign_in, person) -> None:
    visit = make_visit("in_call", beneficiary=person)
    assert "/panels" not in sign_in(visit.doctor).get(f"/visits/{visit.uid}/consult").text
    assert "Nothing at the moment." in sign_in(visit.doctor).get(f"/visits/{visit.uid}/panels").text
    assert sign_in(make_staff("doctor")).get(f"/visits/{visit.uid}/panels").status_code == 404


def test_what_stands_out_is_in_the_closed_line_above_the_form(app, sign_in, person) -> None:
    visit = make_visit(beneficiary=person, state="in_call")
    facts = (PanelFact("HbA1c", "9.1 %", "4.0 - 5.6", "warn"), PanelFact("Serum creatinine", "0.9 mg/dL"))
    install_plugin(app, "lab", visit_panel=lambda visit: Panel("Laboratory", facts))
    browser = sign_in(visit.doctor)
    page = browser.get(f"/visits/{visit.uid}/consult").text
    assert page.index('id="panels"') < page.index('id="notes"')
    fragment = browser.get(f"/visits/{visit.uid}/panels", headers={"HX-Request": "true"}).text
    line = fragment.partition("<summary>")[2].partition("</summary>")[0]
    assert ("HbA1c 9.1 %" in line, "creatinine" in line, "creatinine" in fragment) == (True, False, True)
