"""The patient's and doctor's pages over HTTP: forms, conflicts, permissions, answers."""

import os
from io import BytesIO

import pytest

from portal.core.beneficiaries.models import Consent
from portal.core.clinic.models import ClinicSession
from portal.core.records.models import HeldUpload, Record
from portal.core.visits.models import Visit
from portal.store.db import database
from tests.factories import (
    make_account,
    make_beneficiary,
    make_duty,
    make_referral,
    make_session,
    make_specialty,
    make_staff,
    make_visit,
)

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc00000030101"
    "00c9fe92ef0000000049454e44ae426082"
)


@pytest.fixture
def patient(db):
    """A registered person with a referral to medicine."""
    person = make_beneficiary()
    make_referral(person.entry)
    return person


@pytest.fixture
def valid_form(patient):
    """A valid token request form."""
    return {"beneficiary": patient.uid, "specialty": "medicine", "complaint": "Fever for two days", "consent": "yes"}


def test_a_token_is_requested_in_one_form(patient, valid_form, sign_in):
    browser = sign_in(patient)
    answer = browser.submit("/tokens/new", valid_form | {"records": (BytesIO(PNG), "report.png")})
    visit = Visit.get()
    assert (answer.status_code, answer.location) == (303, f"/visits/{visit.uid}")
    assert (visit.token, visit.complaint, visit.referral.entry) == ("MED-001", "Fever for two days", patient.entry)
    assert Record.get().visit == visit
    assert Consent.get(Consent.purpose == "consultation").beneficiary == patient
    assert "MED-001" in browser.get(answer.location).text


def test_files_are_stored_before_the_transaction_begins(patient, valid_form, sign_in, monkeypatch):
    """A slow disk would hold the write lock."""
    in_transaction = []
    monkeypatch.setattr(os, "fsync", lambda _descriptor: in_transaction.append(database.in_transaction()))
    answer = sign_in(patient).submit("/tokens/new", valid_form | {"records": (BytesIO(PNG), "report.png")})
    assert answer.status_code == 303
    assert in_transaction
    assert not any(in_transaction)


def test_a_repeated_form_stores_its_files_once(patient, valid_form, sign_in, config):
    browser = sign_in(patient)
    form = browser.hidden_fields("/tokens/new") | valid_form
    answers = [
        browser.post("/tokens/new", data=form | {"records": (BytesIO(PNG), "report.png")}).location for _ in range(2)
    ]
    assert answers == [f"/visits/{Visit.get().uid}"] * 2
    assert len(list((config.data_dir / "records").iterdir())) == Record.select().count() == 1
    assert not HeldUpload.select().exists()


def test_the_form_names_every_field_of_the_contract(patient, sign_in):
    text = sign_in(patient).get("/tokens/new").text
    for name in ("beneficiary", "specialty", "complaint", "records", "consent", "csrf_token", "idempotency_key"):
        assert f'name="{name}"' in text
    assert "Request token" in text


def test_an_account_without_people_is_redirected_to_the_registration(sign_in):
    answer = sign_in(make_account()).get("/tokens/new")
    assert (answer.status_code, answer.location) == (303, "/register")


def test_every_wrong_field_is_named_and_input_is_kept(patient, valid_form, sign_in):
    answer = sign_in(patient).submit("/tokens/new", {"complaint": "ow", "specialty": "magic"})
    assert answer.status_code == 422
    for sentence in (
        "Choose who needs the doctor.",
        "Choose a doctor from the list.",
        "Say in a few words",
        "Without your consent",
    ):
        assert sentence in answer.text
    assert ">\now</textarea>" in answer.text
    assert Visit.select().count() == 0


def test_another_accounts_person_counts_as_missing(patient, valid_form, sign_in):
    other = make_beneficiary()
    answer = sign_in(patient).submit("/tokens/new", valid_form | {"beneficiary": other.uid})
    assert (answer.status_code, Visit.select().count()) == (422, 0)
    assert "Choose who needs the doctor." in answer.text


def test_without_a_referral_the_reason_is_shown(valid_form, patient, sign_in):
    make_specialty("eye")
    answer = sign_in(patient).submit("/tokens/new", valid_form | {"specialty": "eye"})
    assert answer.status_code == 422
    assert "You have no referral for this specialist." in answer.text
    assert (Visit.select().count(), ClinicSession.select().count()) == (0, 0)


def test_a_wrong_file_is_refused_before_a_number_is_drawn(patient, valid_form, sign_in):
    answer = sign_in(patient).submit("/tokens/new", valid_form | {"records": (BytesIO(b"MZ evil"), "report.exe")})
    assert answer.status_code == 415
    assert "Fever for two days" in answer.text
    assert (Visit.select().count(), ClinicSession.select().count()) == (0, 0)


def test_a_second_token_is_refused_with_a_link_to_the_first(patient, valid_form, sign_in):
    browser = sign_in(patient)
    first = browser.submit("/tokens/new", valid_form).location
    answer = browser.submit("/tokens/new", valid_form)
    assert answer.status_code == 409
    assert f'href="{first}"' in answer.text
    assert "This person has token MED-001 already" in answer.text


def test_the_token_request_is_idempotent(patient, valid_form, sign_in):
    browser = sign_in(patient)
    hidden = browser.hidden_fields("/tokens/new")
    first, again = (browser.post("/tokens/new", data=hidden | valid_form) for _ in range(2))
    assert (first.status_code, again.status_code, first.location) == (303, 303, again.location)
    assert again.headers["Idempotent-Replayed"] == "1"
    assert Visit.select().count() == 1


def test_after_hours_the_page_says_when_to_come_and_refuses(patient, valid_form, sign_in, clock):
    clock.tick(3 * 3600)
    browser = sign_in(patient)
    assert "It opens next on 24 Nov 2026" in browser.get("/tokens/new").text
    answer = browser.submit("/tokens/new", valid_form)
    assert (answer.status_code, Visit.select().count()) == (409, 0)


@pytest.mark.parametrize("step", ["", "/here", "/call", "/cancel"])
def test_the_visit_of_another_account_gets_404(patient, sign_in, step):
    visit = make_visit("called")
    browser = sign_in(patient)
    answer = browser.submit(f"/visits/{visit.uid}{step}") if step else browser.get(f"/visits/{visit.uid}")
    nowhere = browser.submit(f"/visits/unknown{step}") if step else browser.get("/visits/unknown")
    assert (answer.status_code, nowhere.status_code) == (404, 404)
    assert Visit.get().state == "called"


def test_the_status_is_returned_as_json(patient, sign_in):
    visit = make_visit(beneficiary=patient)
    answer = sign_in(patient).get(f"/visits/{visit.uid}", headers={"Accept": "application/json"})
    assert answer.json["token"] == "MED-001"
    assert set(answer.json) == {
        "uid",
        "token",
        "state",
        "ahead",
        "eta_minutes",
        "call_now",
        "call_deadline",
        "prescription",
    }


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("waiting", ("You are first in the queue", "I am here", "Give up my place")),
        (
            "called",
            ("The doctor is ready for you", "Call now", "Dr Asha Verma", "MD", "DMC-1234", "Time left to answer"),
        ),
        ("in_call", ("You are with the doctor", "Back to the call")),
        ("writing", ("The doctor is writing your prescription",)),
        ("awaiting_recall", ("Your place is kept", "I am here")),
        ("completed", ("Your consultation is complete",)),
        ("no_show", ("You were called several times", "New token")),
        ("cancelled", ("You gave up your place", "You can ask for a new token")),
        ("expired", ("The clinic closed before your turn came",)),
    ],
)
def test_the_panel_of_each_state(patient, sign_in, state, words):
    visit = make_visit(state, beneficiary=patient)
    text = sign_in(patient).get(f"/visits/{visit.uid}").text
    for word in words:
        assert word in text
    assert ("Call now" in text) == (state == "called")


@pytest.mark.parametrize("state", ["cancelled", "no_show", "transferred", "carried"])
@pytest.mark.parametrize("is_referred", [True, False])
def test_a_referral_is_mentioned_only_to_whom_has_one(patient, sign_in, now, state, is_referred):
    referral = make_referral(patient.entry) if is_referred else None
    visit = make_visit(state, beneficiary=patient, referral=referral, exemption="" if is_referred else "EXEMPT_AGE")
    if state in {"transferred", "carried"}:
        Visit.update(moved_to=make_visit(beneficiary=patient)).where(Visit.id == visit.id).execute()
    shown = sign_in(patient).get(f"/visits/{visit.uid}").text
    assert ("Your referral was not used" in shown or "your referral go along" in shown) == is_referred


def test_the_patients_steps_redirect(patient, sign_in):
    browser, visit = sign_in(patient), make_visit("called", beneficiary=patient)
    assert browser.submit(f"/visits/{visit.uid}/call").location == f"/visits/{visit.uid}/room"
    assert browser.submit(f"/visits/{visit.uid}/here").location == f"/visits/{visit.uid}"
    assert Visit.get().state == "in_call"


def test_a_conflicting_step_shows_the_current_page(patient, sign_in):
    browser, visit = sign_in(patient), make_visit("in_call", beneficiary=patient)
    answer = browser.submit(f"/visits/{visit.uid}/cancel")
    assert answer.status_code == 409
    assert "This has changed in the meantime." in answer.text
    assert "You are with the doctor" in answer.text


def test_a_doctor_goes_on_duty_and_calls_the_next_patient(patient, sign_in):
    visit, doctor = make_visit(beneficiary=patient), make_staff()
    browser = sign_in(doctor)
    answer = browser.submit("/board/duty", {"state": "on"}, page="/board")
    assert (answer.status_code, answer.location) == (303, "/board")
    answer = browser.submit("/board/next", page="/board")
    assert (answer.status_code, answer.location) == (303, f"/visits/{visit.uid}/consult")
    board = browser.get("/board").text
    assert f'href="/visits/{visit.uid}/consult"' in board
    assert "MED-001" in board


def test_next_with_nobody_present_is_a_conflict_and_shows_the_board(sign_in):
    doctor = make_staff()
    make_duty(doctor, make_session())
    make_visit(here_until=None)
    answer = sign_in(doctor).submit("/board/next", page="/board")
    assert answer.status_code == 409
    assert "Nobody who is present is waiting." in answer.text
    assert "Ring the first absent patient" in answer.text


@pytest.mark.parametrize("step", ["skip", "end-call", "complete", "recall"])
def test_a_colleagues_patient_gets_404(sign_in, step):
    visit = make_visit("in_call")
    answer = sign_in(make_staff()).submit(f"/visits/{visit.uid}/{step}", {"reason": "x"}, page="/board")
    assert (answer.status_code, Visit.get().state) == (404, "in_call")


@pytest.mark.parametrize("step", ["skip", "end-call", "complete", "recall"])
def test_another_specialtys_patient_gets_404(sign_in, step):
    visit = make_visit("awaiting_recall")
    eye = make_staff(specialty=make_specialty("eye"))
    answer = sign_in(eye).submit(f"/visits/{visit.uid}/{step}", {"reason": "x"}, page="/board")
    assert (answer.status_code, Visit.get().state) == (404, "awaiting_recall")


@pytest.mark.parametrize(
    ("state", "step", "after", "onward"),
    [
        ("called", "skip", "awaiting_recall", "/board"),
        ("in_call", "end-call", "writing", "/consult"),
        ("in_call", "complete", "completed", "/board"),
        ("writing", "complete", "completed", "/board"),
    ],
)
def test_the_steps_of_a_doctors_own_visit(sign_in, state, step, after, onward):
    doctor = make_staff()
    visit = make_visit(state, doctor=doctor)
    answer = sign_in(doctor).submit(f"/visits/{visit.uid}/{step}", {"reason": "spoke enough"}, page="/board")
    assert answer.status_code == 303
    assert answer.location.endswith(onward)
    assert Visit.get().state == after


def test_opening_pages_changes_only_presence(patient, sign_in):
    visit = make_visit(beneficiary=patient, here_until=None)
    before = Visit.select(Visit.state, Visit.attempt, Visit.lapses).dicts().get()
    sign_in(patient).get(f"/visits/{visit.uid}")
    sign_in(make_staff()).get("/board")
    assert Visit.select(Visit.state, Visit.attempt, Visit.lapses).dicts().get() == before
    assert ClinicSession.select().count() == 1
