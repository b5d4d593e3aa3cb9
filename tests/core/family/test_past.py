"""Past visits, uploads and present medicines of one person."""

from datetime import timedelta

import pytest

from portal.core.beneficiaries.models import Beneficiary
from portal.core.family import past
from portal.core.prescriptions.models import Prescription
from portal.core.records.models import Record
from portal.core.visits.models import Visit
from tests.consulting import make_prescription
from tests.factories import make_account, make_beneficiary, make_session, make_specialty, make_visit


@pytest.fixture
def person(db) -> Beneficiary:
    return make_beneficiary(account=make_account("+919876500001"))


def finished(now, person, specialty="medicine") -> Prescription:
    """A prescription of a visit that is over."""
    session = make_session(specialty=make_specialty(specialty))
    issued = make_prescription(now, make_visit("in_call", beneficiary=person, session=session))
    Visit.update(state="completed", live_key=None).where(Visit.id == issued.visit_id).execute()
    return issued


def upload(visit, title, now) -> Record:
    kept = {"kind": "jpeg", "stored_name": title, "size": 1, "sha256": "", "state": "ready", "uploaded_at": now}
    return Record.create(beneficiary=visit.beneficiary, visit=visit, title=title, **kept)


def test_each_visit_stands_with_its_prescription_and_its_uploads(person, now):
    issued = finished(now, person)
    upload(issued.visit, "x-ray.jpg", now)
    other = make_visit("completed", beneficiary=person)
    newest, older = past.visits_of(person, 1, is_opened=False).rows
    assert (newest.visit, newest.issued, newest.records) == (other, None, [])
    assert (older.issued, [record.title for record in older.records]) == (issued, ["x-ray.jpg"])


def test_a_private_visit_is_closed_until_a_code_opens_it(person, now):
    issued = finished(now, person, "psychiatry")
    upload(issued.visit, "letter.jpg", now)
    (closed,) = past.visits_of(person, 1, is_opened=False).rows
    assert (closed.is_closed, closed.issued, closed.records) == (True, None, [])
    assert past.now_taken(person, now, is_opened=False) == []
    (opened,) = past.visits_of(person, 1, is_opened=True).rows
    assert (opened.is_closed, opened.issued, len(opened.records)) == (False, issued, 1)
    assert len(past.now_taken(person, now, is_opened=True)) == 2


def test_what_is_over_is_not_taken_now(person, now):
    finished(now, person)
    assert [row.taken.card.drug for row in past.now_taken(person, now, is_opened=False)] == [
        "PARACETAMOL",
        "CETIRIZINE",
    ]
    later = now + timedelta(days=6)
    assert [row.taken.card.drug for row in past.now_taken(person, later, is_opened=False)] == ["CETIRIZINE"]
    assert past.now_taken(person, now + timedelta(days=11), is_opened=False) == []


def test_what_was_cancelled_is_not_taken_now(person, now):
    issued = finished(now, person)
    Prescription.update(cancelled_at=now).where(Prescription.id == issued.id).execute()
    assert past.now_taken(person, now, is_opened=False) == []


def test_many_visits_stand_on_several_pages(person, now):
    for _number in range(past.SHOWN + 1):
        make_visit("completed", beneficiary=person)
    first, second = (past.visits_of(person, number, is_opened=False) for number in (1, 2))
    assert (len(first.rows), first.more, len(second.rows), second.more) == (past.SHOWN, True, 1, False)


def test_the_page_is_of_one_person_at_a_time(person, now, sign_in):
    finished(now, person)
    other = make_beneficiary(name="Sita Kumar", account=person.account)
    browser = sign_in(person)
    first = browser.get("/my/visits").get_data(as_text=True)
    assert "PARACETAMOL 500 mg" in first
    assert f"/my/visits?person={other.uid}" in first
    second = browser.get(f"/my/visits?person={other.uid}").get_data(as_text=True)
    assert "No visit yet" in second
    assert "PARACETAMOL" not in second


def test_nobody_elses_person_is_found(person, sign_in):
    assert sign_in(person).get(f"/my/visits?person={make_beneficiary().uid}").status_code == 404


def test_an_account_without_people_is_led_to_the_registration(db, sign_in):
    answer = sign_in(make_account()).get("/my/visits")
    assert (answer.status_code, answer.location) == (303, "/register")
