"""Consult page: permissions, drafts, validation."""

from datetime import datetime, timedelta

import pytest
from lxml import html

from portal.core.consults import services
from portal.core.consults.models import Consult
from portal.core.prescriptions.models import Prescription
from portal.core.visits.models import Visit
from portal.work.audit import AuditRow
from tests.consulting import make_drug, make_prescription, typed, write_notes
from tests.factories import (
    make_beneficiary,
    make_referral,
    make_session,
    make_specialty,
    make_staff,
    make_visit,
)
from tests.statements import statements as statements

HTMX = {"HX-Request": "true"}
FOUND_BY_CANARY = "Canary-3917"
MOST_STATEMENTS = 52
IN_THE_CALL = 6_000  # bytes: the controls of the call, and the medicines of last time


def address(visit: Visit) -> str:
    return f"/visits/{visit.uid}/consult"


def test_the_doctor_sees_the_patient_the_reason_and_one_empty_row(sign_in, now: datetime) -> None:
    person = make_beneficiary(name="Ramesh Kumar")
    referral = make_referral(person.entry, reason="Uncontrolled pressure")
    visit = make_visit("in_call", beneficiary=person, referral=referral)
    text = sign_in(visit.doctor).get(address(visit)).get_data(as_text=True)
    for expected in ("Ramesh Kumar", "41 years", "Uncontrolled pressure", "Headache for three days"):
        assert expected in text
    assert 'name="items-0-drug"' in text
    assert 'name="items-1-drug"' not in text


def test_the_page_stays_within_60_kb_before_it_is_compressed(sign_in) -> None:
    visit = make_visit("in_call")
    assert len(sign_in(visit.doctor).get(address(visit)).data) <= 60_000 - IN_THE_CALL


def test_a_draft_is_saved_and_shown_again(sign_in) -> None:
    visit = make_visit("in_call")
    browser = sign_in(visit.doctor)
    answer = browser.submit(address(visit), typed(**{"vitals-pulse": "72"}))
    assert (answer.status_code, answer.location) == (303, address(visit))
    text = browser.get(address(visit)).get_data(as_text=True)
    assert all(value in text for value in ("Tension headache", 'value="500 mg"', 'value="72"', 'name="items-2-drug"'))


def test_saving_the_same_again_is_idempotent(sign_in, now: datetime) -> None:
    visit = make_visit("writing")
    browser = sign_in(visit.doctor)
    browser.submit(address(visit), typed())
    browser.submit(address(visit), typed())
    assert AuditRow.select().where(AuditRow.action == "NotesSaved").count() == 1


@pytest.mark.parametrize("state", ["waiting", "completed", "cancelled"])
def test_another_doctor_gets_not_found_whatever_the_state(sign_in, state: str) -> None:
    visit = make_visit(state)
    for other in (make_staff("doctor"), make_staff("doctor", specialty=make_specialty("eye"))):
        browser = sign_in(other)
        assert browser.get(address(visit)).status_code == 404
        assert browser.submit(address(visit), typed(), page="/board").status_code == 404
    assert Consult.select().count() == 0


@pytest.mark.parametrize("role", ["medical_officer", "pharmacist", "desk", "admin", "auditor"])
def test_other_roles_have_no_permission(sign_in, role: str) -> None:
    visit = make_visit("in_call")
    assert sign_in(make_staff(role)).get(address(visit)).status_code == 403


def test_a_patient_has_no_permission_and_a_stranger_is_sent_to_sign_in(sign_in, client) -> None:
    visit = make_visit("in_call")
    assert sign_in(visit.beneficiary).get(address(visit)).status_code == 403
    assert client.get(address(visit)).status_code == 303


def test_after_completion_the_author_can_read_and_that_is_audited(sign_in, now: datetime) -> None:
    visit = make_visit("in_call")
    write_notes(visit, now)
    Visit.update(state="completed").where(Visit.id == visit.id).execute()
    answer = sign_in(visit.doctor).get(address(visit))
    assert answer.status_code == 200
    assert "Tension headache" in answer.get_data(as_text=True)
    assert AuditRow.select().where((AuditRow.action == "ConsultRead") & (AuditRow.subject == visit.uid)).count() == 1


@pytest.mark.parametrize("is_issued", [False, True])
def test_closed_notes_show_what_was_measured_and_why_a_medicine_is_given(sign_in, now, is_issued: bool) -> None:
    measured = {"systolic": "130", "diastolic": "80", "pulse": "72", "spo2": "98", "temperature": "37.5"}
    measured |= {"weight": "61.5", "height": "160", "glucose": "110"}
    why = {"items-0-directed": "yes", "items-0-reason": "falling dose", "items-1-reason": "itching at night"}
    visit = make_visit("in_call")
    changes = {f"vitals-{name}": value for name, value in measured.items()} | why
    if is_issued:
        make_prescription(now, visit, **changes)
    else:
        write_notes(visit, now, **changes)
        Visit.update(state="completed").where(Visit.id == visit.id).execute()
    text = " ".join(html.fromstring(sign_in(visit.doctor).get(address(visit)).text).text_content().split())
    for said in ("130 mmHg", "80 mmHg", "72 /min", "98 %", "37.5 °C", "61.5 kg", "160 cm", "110 mg/dL"):
        assert said in text
    assert "As directed · why: falling dose" in text
    assert "why: itching at night" in text


def test_after_completion_the_author_cannot_write(sign_in, now: datetime) -> None:
    visit = make_visit("in_call")
    write_notes(visit, now)
    Visit.update(state="completed").where(Visit.id == visit.id).execute()
    answer = sign_in(visit.doctor).submit(address(visit), typed(diagnosis="Changed"), page="/board")
    assert answer.status_code == 409
    assert Consult.get().diagnosis == "Tension headache"


def test_once_issued_the_notes_are_closed(sign_in, now: datetime) -> None:
    visit = make_visit("in_call")
    make_prescription(now, visit)
    answer = sign_in(visit.doctor).submit(address(visit), typed(diagnosis="Changed"))
    assert answer.status_code == 409
    assert Consult.get().diagnosis == "Tension headache"


@pytest.mark.parametrize(
    ("drug", "strength"), [("Tramadol", "50 mg"), ("Inj. MORPHINE sulphate 10mg", ""), ("paracetamol + codeine", "")]
)
def test_a_prohibited_medicine_is_marked_in_the_draft_and_never_issued(sign_in, drug: str, strength: str) -> None:
    visit = make_visit("in_call")
    browser = sign_in(visit.doctor)
    form = typed(**{"items-1-drug": drug, "items-1-strength": strength})
    assert browser.submit(address(visit), form).status_code == 303
    refused = browser.submit(f"/visits/{visit.uid}/prescription", form, page=address(visit))
    assert (refused.status_code, Prescription.select().count()) == (422, 0)
    for text in (browser.get(address(visit)).text, refused.text):
        assert "Telemedicine Practice Guidelines 2020" in text
        assert 'id="items-1-drug-error"' in text
    assert Consult.get().diagnosis == "Tension headache"


def test_a_medicine_that_the_site_itself_bars_is_refused(sign_in) -> None:
    make_drug("Newdrug", tele_class="PROHIBITED")
    visit = make_visit("in_call")
    form = typed(**{"items-0-drug": "newdrug"})
    issue = f"/visits/{visit.uid}/prescription"
    assert sign_in(visit.doctor).submit(issue, form, page=address(visit)).status_code == 422


ODD = {
    "items-0-quantity": "-5",
    "icd10": "diab",
    "follow_up_on": "2026-11-01",
    "vitals-pulse": "fast",
    "vitals-glucose": "1,25,000",
}


def test_invalid_fields_are_kept_as_typed_marked_and_prevent_only_issuing(sign_in) -> None:
    visit = make_visit("in_call")
    browser = sign_in(visit.doctor)
    answer = browser.submit(address(visit), typed(**ODD, advice=FOUND_BY_CANARY))
    assert answer.status_code == 303
    row = Consult.get()
    assert (row.advice, row.diagnosis, row.unread) == (FOUND_BY_CANARY, "Tension headache", ODD)
    refused = browser.submit(f"/visits/{visit.uid}/prescription", typed(**ODD), page=address(visit))
    assert (refused.status_code, Prescription.select().count()) == (422, 0)
    for text in (browser.get(address(visit)).text, refused.text):
        for name, value in ODD.items():
            assert f'value="{value}"' in text
            assert f'id="{name}-error"' in text
    assert browser.submit(address(visit), typed()).status_code == 303
    assert Consult.get().unread == {}


def test_both_values_of_a_blood_pressure_are_shown_in_their_fields(sign_in) -> None:
    visit = make_visit("in_call")
    browser = sign_in(visit.doctor)
    browser.submit(address(visit), typed(**{"vitals-systolic": "130/80", "vitals-spo2": "97%"}))
    page = html.fromstring(browser.get(address(visit)).text)
    shown = {name: page.get_element_by_id(f"vitals-{name}").get("value") for name in ("systolic", "diastolic", "spo2")}
    assert shown == {"systolic": "130", "diastolic": "80", "spo2": "97"}


def test_an_expired_day_stays_readable_in_its_field(sign_in) -> None:
    """A date input shows nothing of an invalid date."""
    visit = make_visit("in_call")
    browser = sign_in(visit.doctor)
    browser.submit(address(visit), typed(follow_up_on="next week"))
    field = html.fromstring(browser.get(address(visit)).text).get_element_by_id("follow_up_on")
    assert (field.get("type"), field.get("value")) == ("text", "next week")


def test_another_row_is_added_without_javascript_and_saves_nothing(sign_in) -> None:
    visit = make_visit("in_call")
    text = sign_in(visit.doctor).submit(address(visit), typed(add="1")).get_data(as_text=True)
    assert 'name="items-3-drug"' in text
    assert Consult.select().count() == 0


def test_autosave_answers_with_one_line(sign_in) -> None:
    visit = make_visit("in_call")
    browser = sign_in(visit.doctor)
    answer = browser.submit(address(visit), typed(autosave="1"), headers=HTMX)
    assert answer.status_code == 200
    assert html.fromstring(answer.text).xpath("string(.//span[@data-told])").startswith("Saved at")
    assert "<form" not in answer.text
    assert Consult.get().diagnosis == "Tension headache"
    odd = browser.submit(address(visit), typed(autosave="1", icd10="?"), headers=HTMX)
    assert (odd.status_code, Consult.get().unread) == (200, {"icd10": "?"})
    assert 'data-wrong="icd10"' in odd.text
    assert "Please correct the marked fields before issuing." in odd.text


def test_saving_with_htmx_does_not_disturb_the_call(sign_in) -> None:
    visit = make_visit("in_call")
    answer = sign_in(visit.doctor).submit(address(visit), typed(), headers=HTMX, follow_redirects=True)
    text = answer.get_data(as_text=True)
    assert 'id="notes"' in text
    assert 'id="call"' not in text


def test_a_poll_renews_the_lease_and_is_204_while_nothing_changed(sign_in, clock) -> None:
    visit = make_visit("called")
    browser, later = sign_in(visit.doctor), clock.tick(50)
    poll = f"{address(visit)}?part=call&seen=called-1"
    assert browser.get(poll, headers=HTMX).status_code == 204
    assert Visit.get_by_id(visit.id).lease_until > later
    Visit.update(state="in_call").where(Visit.id == visit.id).execute()
    assert 'id="call"' in browser.get(poll, headers=HTMX).get_data(as_text=True)


def test_the_open_page_learns_by_poll_that_the_visit_has_ended(sign_in) -> None:
    visit = make_visit("called")
    browser = sign_in(visit.doctor)
    Visit.update(state="awaiting_recall", doctor=None).where(Visit.id == visit.id).execute()
    answer = browser.get(f"{address(visit)}?part=call&seen=called-1", headers=HTMX)
    assert (answer.status_code, answer.data, answer.headers["HX-Redirect"]) == (404, b"", "/board")
    assert "nobody answered, or the patient gave up the place" in browser.get("/board").text


def test_the_same_doctor_within_six_months_makes_a_follow_up(sign_in, now: datetime) -> None:
    person, doctor = make_beneficiary(), make_staff("doctor")
    long_ago = make_session(day=(now - timedelta(days=200)).date(), specialty=make_specialty("eye"))
    make_visit("completed", beneficiary=person, doctor=doctor, session=long_ago)
    visit = make_visit("in_call", beneficiary=person, doctor=doctor)
    assert services.likely_kind(visit, doctor) == "first"
    recent = make_session(day=(now - timedelta(days=100)).date(), specialty=make_specialty("ent"))
    make_visit("completed", beneficiary=person, doctor=doctor, session=recent)
    assert services.likely_kind(visit, doctor) == "follow_up"
    assert services.likely_kind(visit, make_staff("doctor")) == "first"


def test_the_doctor_can_change_mode_and_kind(sign_in) -> None:
    visit = make_visit("in_call")
    sign_in(visit.doctor).submit(address(visit), typed(mode="audio", kind="follow_up", age=""))
    row = Consult.get()
    assert (row.mode, row.kind, row.age_confirmed_at) == ("audio", "follow_up", None)
    assert row.identity_confirmed_at is not None


@pytest.mark.parametrize("tick", ["identity", "age"])
def test_one_tick_alone_is_kept_from_the_form_that_only_issues(sign_in, tick) -> None:
    visit = make_visit("in_call")
    browser = sign_in(visit.doctor)
    browser.submit(address(visit), typed(identity="", age=""))
    hidden = browser.hidden_fields(address(visit))
    hidden.pop("version", None)  # as a page of its own has none
    browser.post(f"/visits/{visit.uid}/prescription", data=hidden | {tick: "yes"})
    row = Consult.get()
    kept = {"identity": row.identity_confirmed_at, "age": row.age_confirmed_at}
    assert [name for name, at in kept.items() if at] == [tick]


def test_markup_in_notes_is_escaped(sign_in) -> None:
    visit = make_visit("in_call")
    browser = sign_in(visit.doctor)
    browser.submit(address(visit), typed(diagnosis='"><script>x</script>', **{"items-0-drug": "<b>Zinc</b>"}))
    text = browser.get(address(visit)).get_data(as_text=True)
    assert "<script>x" not in text
    assert "<b>Zinc" not in text


def test_the_page_reads_hardly_anything_twice(sign_in, statements) -> None:
    """Its parts ask for the same rows: notes, room, chart, settings. Writes between them part the answers."""
    visit = make_visit("in_call")
    browser = sign_in(visit.doctor)
    browser.get(address(visit))
    statements.clear()
    browser.get(address(visit))
    assert len(statements) <= MOST_STATEMENTS, statements


def test_an_error_of_a_row_names_its_field(sign_in) -> None:
    visit = make_visit("in_call")
    wrong = typed(**{"items-0-duration_days": "abc", "items-1-quantity": "many"})
    page = sign_in(visit.doctor).submit(f"/visits/{visit.uid}/prescription", wrong, page=address(visit)).text
    assert ">Medicine 1, Days: Give a whole number from 1 to 366.</a>" in page
    assert ">Medicine 2, Quantity: Give a whole number from 1 to 9999.</a>" in page


def test_of_a_caregiver_it_says_when_the_name_is_required(sign_in) -> None:
    visit = make_visit("in_call")
    browser = sign_in(visit.doctor)
    name = "The adult's name <small>{}</small></label>"
    assert name.format("required when a caregiver speaks") in browser.get(address(visit)).text
    answer = browser.submit(address(visit), typed(present="caregiver"))
    assert answer.status_code == 303
    assert name.format("required") in browser.get(address(visit)).text


def test_the_polled_call_log_keeps_the_mode_that_the_doctor_stated(sign_in) -> None:
    visit = make_visit("in_call")
    browser = sign_in(visit.doctor)
    poll = f"{address(visit)}?part=log&seen="
    assert chosen_mode(browser.get(poll, headers=HTMX).text) == ""
    assert browser.submit(address(visit), typed(mode="phone")).status_code == 303
    assert chosen_mode(browser.get(poll, headers=HTMX).text) == "phone"


def chosen_mode(page: str) -> str:
    """The mode that stands chosen for the notes, "" if none is."""
    return "".join(html.fromstring(page).xpath("//select[@name='mode']/option[@selected]/@value"))
