"""Papers that a medical officer attaches to a referral: seen by the specialist of the visit, and removable before."""

import re
from io import BytesIO

import pytest

from portal.core.beneficiaries.events import BeneficiaryRegistered
from portal.core.records.models import HeldUpload, Record
from portal.core.records.services import join_person
from portal.core.referrals.models import Referral
from portal.work.audit import SYSTEM
from portal.work.events import Event, record
from tests.core.records.papers import jpeg
from tests.factories import make_beneficiary, make_centre, make_entry, make_specialty, make_staff, make_visit
from tests.noted import actor_of, noted


@pytest.fixture
def officer(db):
    make_specialty()
    return make_staff("medical_officer", centre=make_centre("01"))


@pytest.fixture
def entry(officer):
    return make_entry(name="Ramesh Kumar")


@pytest.fixture
def refer(officer, entry, sign_in, queue):
    """Refer the person with a picture."""

    def refer(**more):
        typed = {"ben_id": entry.ben_id, "specialty": "medicine", "reason": "Chest pain"}
        answer = sign_in(officer).submit("/referrals/new", typed | {"records": (BytesIO(jpeg()), "ecg.jpg")} | more)
        queue.drain()
        return answer

    return refer


def test_the_specialist_of_a_visit_on_the_referral_reads_the_paper_and_no_other_doctor(refer, entry, officer, sign_in):
    assert refer().status_code == 303
    paper, doctor = Record.get(), make_staff("doctor")
    person = make_beneficiary(entry=entry)
    record(BeneficiaryRegistered(), person.uid, by=SYSTEM, now=paper.uploaded_at)
    assert paper.beneficiary is None, "the person registers on the portal only later"
    visit = make_visit("in_call", beneficiary=person, doctor=doctor, referral=Referral.get())
    assert sign_in(doctor).get(f"/records/{paper.uid}").status_code == 404
    join(person)
    assert "ecg.jpg" in sign_in(doctor).get(f"/visits/{visit.uid}/consult").text
    assert sign_in(doctor).get(f"/records/{paper.uid}").status_code == 200
    assert sign_in(make_staff("doctor")).get(f"/records/{paper.uid}").status_code == 404
    assert sign_in(person).get(f"/records/{paper.uid}").status_code == 200


def join(person) -> None:
    """Deliver the registration to the records."""
    for _ in range(2):  # delivery is at least once
        join_person(Event.get(Event.name == "BeneficiaryRegistered"), person.registered_at)


def test_a_wrong_form_holds_the_paper(refer, officer, sign_in, entry):
    refused = refer(reason="")
    assert refused.status_code == 422
    (held,) = re.findall(r'name="held" value="([^"]+)"', refused.text)
    assert not Referral.select().exists()
    typed = {"ben_id": entry.ben_id, "specialty": "medicine", "reason": "Chest pain", "held": held}
    assert sign_in(officer).submit("/referrals/new", typed).status_code == 303
    assert (Record.get().referral, HeldUpload.select().count()) == (Referral.get(), 0)


def test_another_officers_held_file_is_not_attached(refer, officer, sign_in, entry):
    refer(reason="")
    held = HeldUpload.get().uid
    colleague = sign_in(make_staff("medical_officer", centre=officer.centre))
    typed = {"ben_id": entry.ben_id, "specialty": "medicine", "reason": "Chest pain", "held": held}
    assert colleague.submit("/referrals/new", typed).status_code == 303
    assert not Record.select().exists()


def test_a_refused_file_stops_the_referral_and_says_why(refer):
    refused = refer(records=(BytesIO(b"no picture"), "virus.exe"))
    assert (refused.status_code, "virus.exe" in refused.text) == (422, True)
    assert not Referral.select().exists()


def test_a_choice_about_a_valid_referral_keeps_the_paper(refer, officer, entry, sign_in):
    refer()
    asked = refer()
    assert asked.status_code == 409
    (held,) = re.findall(r'type="hidden" name="held" value="([^"]+)"', asked.text)
    first = Referral.get()
    typed = {"ben_id": entry.ben_id, "specialty": "medicine", "reason": "Chest pain", "held": held}
    answer = sign_in(officer).submit("/referrals/new", typed | {"slip": first.uid, "existing": "replace"})
    assert answer.status_code == 303
    newest = Referral.select().order_by(Referral.id.desc()).get()
    assert [row.referral for row in Record.select()] == [newest, newest], "the papers of the old one go along"


def test_the_officer_removes_a_paper_before_the_referral_is_used_and_not_after(refer, officer, entry, sign_in):
    refer()
    browser, referral, paper = sign_in(officer), Referral.get(), Record.get()
    address, page = f"/records/{paper.uid}/remove", f"/referrals/{referral.uid}"
    visit = make_visit("in_call", beneficiary=make_beneficiary(entry=entry), referral=referral)
    assert browser.submit(address, page=page).status_code == 409
    visit.delete_instance(recursive=True)
    notes = noted(lambda: browser.submit(address, page=page))
    assert notes == [("RecordRemoved", actor_of(officer), paper.uid)]


def test_an_officer_of_another_centre_neither_reads_nor_removes_a_paper(refer, sign_in):
    refer()
    stranger, paper = sign_in(make_staff("medical_officer", centre=make_centre("02"))), Record.get()
    assert stranger.get(f"/records/{paper.uid}").status_code == 404
    assert stranger.submit(f"/records/{paper.uid}/remove", page="/referrals").status_code == 404
