"""What the specialist answered stands on the referral, as far as the access rules allow (safety.md 2.2)."""

from datetime import timedelta

import pytest

from portal.core.prescriptions.models import Prescription
from portal.core.referrals.models import Referral
from portal.core.visits.models import Visit
from portal.work.audit import AuditRow
from tests.consulting import make_prescription
from tests.factories import (
    make_beneficiary,
    make_centre,
    make_referral,
    make_session,
    make_specialty,
    make_staff,
    make_visit,
)
from tests.noted import actor_of, noted

NOTES = {"diagnosis": "Essential hypertension", "advice": "Less salt", "investigations": "Lipid profile"}


@pytest.fixture
def officer(db):
    return make_staff("medical_officer", centre=make_centre("01"))


@pytest.fixture
def referred(officer):
    """A person with a referral to this specialty, and a visit on it in the call."""

    def referred(code: str = "medicine", **fields) -> tuple[Referral, Visit]:
        specialty = make_specialty(code)
        person = make_beneficiary()
        referral = make_referral(person.entry, specialty=specialty, officer=officer)
        doctor = make_staff("doctor", name="Dr Meera Nair", specialty=specialty)
        session = make_session(specialty=specialty)
        values = {"beneficiary": person, "referral": referral, "doctor": doctor, "session": session}
        return referral, make_visit("in_call", **values | fields)

    return referred


def answered(visit: Visit, now, **notes) -> Prescription:
    issued = make_prescription(now, visit, **NOTES | notes)
    Visit.update(state="completed", live_key=None).where(Visit.id == visit.id).execute()
    return issued


def test_diagnosis_advice_tests_and_medicines_stand_on_the_referral(officer, referred, sign_in, now):
    referral, visit = referred()
    issued = answered(visit, now, **{"items-0-drug": "Amlodipine"})
    page = sign_in(officer).get(f"/referrals/{referral.uid}").text
    for words in ("Essential hypertension", "Less salt", "Lipid profile", "AMLODIPINE", "Dr Meera Nair", issued.number):
        assert words.casefold() in page.casefold(), words


def test_reading_the_answer_is_audited_and_the_family_reads_of_it(officer, referred, sign_in, now):
    referral, visit = referred()
    issued = answered(visit, now)
    notes = noted(lambda: sign_in(officer).get(f"/referrals/{referral.uid}"))
    assert ("PrescriptionRead", actor_of(officer), issued.uid) in notes
    assert officer.name in sign_in(visit.beneficiary).get("/my/readers").text


def test_of_a_private_specialty_the_officer_reads_the_medicines_alone(officer, referred, sign_in, now):
    referral, visit = referred("psychiatry")
    answered(visit, now, diagnosis="Panic disorder", advice="Breathe slowly", **{"items-0-drug": "Escitalopram"})
    page = sign_in(officer).get(f"/referrals/{referral.uid}").text
    assert "escitalopram" in page.casefold()
    assert not [words for words in ("Panic disorder", "Breathe slowly", "Dr Meera Nair") if words in page]


def test_a_visit_that_was_sent_on_to_a_private_specialty_does_not_name_it(officer, referred, sign_in, now):
    referral, visit = referred()
    psychiatry = make_specialty("psychiatry", name="Psychiatry")
    Visit.update(session=make_session(specialty=psychiatry)).where(Visit.id == visit.id).execute()
    answered(Visit.get_by_id(visit.id), now)
    page = sign_in(officer).get(f"/referrals/{referral.uid}").text
    assert ("Psychiatry" in page, "Essential hypertension" in page) == (False, False)


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("waiting", "The answer appears here as soon as"),
        ("completed", "The specialist wrote no prescription."),
        ("no_show", "There was no consultation. The referral was not used."),
        (None, "Nobody has asked for a token on this referral yet."),
    ],
)
def test_without_a_prescription_the_page_says_where_it_stands(officer, sign_in, now, state, sentence):
    person = make_beneficiary()
    referral = make_referral(person.entry, officer=officer)
    if state:
        make_visit(state, beneficiary=person, referral=referral)
    assert sentence in sign_in(officer).get(f"/referrals/{referral.uid}").text


def test_a_draft_is_no_answer(officer, referred, sign_in, now):
    referral, visit = referred()
    doctor = sign_in(visit.doctor)
    doctor.submit(f"/visits/{visit.uid}/consult", NOTES | {"identity": "yes"})
    assert "Essential hypertension" not in sign_in(officer).get(f"/referrals/{referral.uid}").text


def test_new_answers_are_listed_until_the_officer_has_noted_them(officer, referred, sign_in, now, clock):
    referral, visit = referred()
    make_referral(make_beneficiary().entry, officer=officer)
    browser = sign_in(officer)
    assert "New answers (0)" in browser.get("/referrals").text
    answered(visit, now)
    listed = browser.get("/referrals?show=new").text
    assert ("New answers (1)" in listed, listed.count('href="/referrals/' + referral.uid)) == (True, 1)
    clock.tick(60)
    notes = noted(lambda: browser.submit(f"/referrals/{referral.uid}/answer", page=f"/referrals/{referral.uid}"))
    assert ("AnswerNoted", actor_of(officer), referral.uid) in notes
    assert "New answers (0)" in browser.get("/referrals").text
    assert referral.number in browser.get("/referrals?show=answered").text
    assert "I have read the answer" not in browser.get(f"/referrals/{referral.uid}").text


def test_a_later_answer_is_new_again(officer, referred, sign_in, now, clock):
    referral, visit = referred()
    answered(visit, now)
    Referral.update(answer_noted_at=now + timedelta(minutes=1)).execute()
    clock.tick(86400)
    again = make_visit("in_call", beneficiary=visit.beneficiary, referral=referral, doctor=visit.doctor)
    answered(again, clock.now())
    assert "New answers (1)" in sign_in(officer).get("/referrals").text


def test_an_officer_of_another_centre_notes_nothing(referred, sign_in, now):
    referral, visit = referred()
    answered(visit, now)
    stranger = sign_in(make_staff("medical_officer", centre=make_centre("02")))
    for answer in (
        stranger.get(f"/referrals/{referral.uid}"),
        stranger.submit(f"/referrals/{referral.uid}/answer", page="/referrals"),
    ):
        assert answer.status_code == 404
    assert not AuditRow.select().where(AuditRow.action == "AnswerNoted").exists()
