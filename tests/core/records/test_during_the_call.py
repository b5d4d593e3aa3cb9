"""During the visit both share files: the doctor's list follows by itself, the patient gets what the doctor gives."""

import re
from io import BytesIO

import pytest
from lxml import html

from portal.core.records.models import Record
from portal.core.visits.models import Visit
from portal.work.audit import AuditRow
from tests.consulting import make_prescription
from tests.core.records.papers import jpeg
from tests.factories import make_beneficiary, make_staff, make_visit


@pytest.fixture
def visit(db):
    return make_visit("in_call")


@pytest.fixture
def doctor(visit, sign_in):
    return sign_in(visit.doctor)


@pytest.fixture
def family(visit, sign_in):
    return sign_in(visit.beneficiary)


def records_at(visit) -> str:
    return f"/visits/{visit.uid}/records"


def share(browser, visit, content=None, name="exercises.jpg"):
    file = (BytesIO(jpeg() if content is None else content), name)
    return browser.submit(records_at(visit), {"records": file})


def poll(browser, visit, seen):
    return browser.get(f"{records_at(visit)}?seen={seen}", headers={"HX-Request": "true"})


def seen_in(text: str) -> str:
    return re.search(r'records\?seen=(\w+)"', text)[1]


def test_the_doctors_list_shows_a_new_file_and_answers_nothing_while_nothing_is_new(visit, doctor, family, queue):
    seen = seen_in(doctor.get(f"/visits/{visit.uid}/consult").text)
    assert poll(doctor, visit, seen).status_code == 204
    assert share(family, visit, name="wound.jpg").status_code == 303
    fresh = poll(doctor, visit, seen)
    assert ("wound.jpg" in fresh.text, "being checked" in fresh.text) == (True, True)
    queue.drain()
    ready = poll(doctor, visit, seen_in(fresh.text)).text
    assert f"/records/{Record.get().uid}/beside" in ready
    assert "<form" not in ready, "what is typed or chosen beside it stays"


def test_in_the_room_the_patient_shares_and_reads_what_became_of_it(visit, family, queue):
    room = family.get(f"/visits/{visit.uid}/room").text
    assert ("Share a photo or file" in room, "data-at-once" in room) == (True, True)
    share(family, visit, b"%PDF-1.7 broken", "report.pdf")
    queue.drain()
    listed = poll(family, visit, seen_in(room)).text
    assert "cannot be used" in listed
    assert "Please send the file again" in listed


def test_what_the_doctor_gives_is_the_patients_once_it_is_checked(visit, doctor, family, queue):
    seen = seen_in(family.get(records_at(visit) + "?", headers={"HX-Request": "true"}).text)
    answer = share(doctor, visit)
    assert (answer.status_code, answer.location) == (303, records_at(visit))
    given = Record.get()
    assert (given.given_by, given.beneficiary) == (visit.doctor, visit.beneficiary)
    assert family.get(f"/records/{given.uid}").status_code == 404
    assert poll(family, visit, seen).status_code == 204, "unchecked it is nobody's"
    queue.drain()
    fresh = poll(family, visit, seen).text
    assert f"from {visit.doctor.name}" in fresh
    assert family.get(f"/records/{given.uid}").status_code == 200
    assert "exercises.jpg" in family.get("/my/visits").text
    uploaded = AuditRow.get(AuditRow.action == "RecordUploaded")
    assert (uploaded.actor_kind, uploaded.actor_uid) == ("staff", visit.doctor.uid)


def test_after_the_visit_what_the_doctor_gave_stands_among_the_medicines(visit, doctor, family, queue, now):
    share(doctor, visit)
    make_prescription(now, visit)
    queue.drain()
    Visit.update(state="completed").execute()
    medicines = html.fromstring(family.get(f"/visits/{visit.uid}").text).get_element_by_id("medicines")
    (link,) = medicines.xpath(".//h3[text()='Files from your doctor']/..//a/@href")
    assert family.get(link).status_code == 200


def test_a_refused_file_of_the_doctor_is_told_to_the_doctor_alone(visit, doctor, family, queue):
    share(doctor, visit, b"%PDF-1.7 broken", "sheet.pdf")
    queue.drain()
    assert Record.get().state == "refused"
    assert "cannot be used" in doctor.get(records_at(visit)).text
    assert "sheet.pdf" not in family.get(records_at(visit)).text
    assert family.get(f"/records/{Record.get().uid}").status_code == 404


def test_a_wrong_kind_of_file_is_refused_by_name_and_nothing_is_stored(visit, doctor):
    answer = share(doctor, visit, b"MZ program", "tool.exe")
    assert answer.status_code == 415
    assert "tool.exe" in re.search(r'id="records-error">(.*?)</p>', answer.text)[1]
    assert not Record.select().exists()


def test_a_form_of_the_doctor_sent_twice_gives_one_file(visit, doctor):
    hidden = doctor.hidden_fields(records_at(visit))
    form = [hidden | {"records": (BytesIO(jpeg()), "sheet.jpg")} for _press in range(2)]
    assert [doctor.post(records_at(visit), data=each).status_code for each in form] == [303, 303]
    assert Record.select().count() == 1


def test_the_doctor_takes_a_file_back_while_the_visit_lasts_and_the_family_never(visit, doctor, family, queue):
    share(doctor, visit)
    queue.drain()
    uid = Record.get().uid
    Visit.update(state="awaiting_recall").execute()
    assert family.submit(f"/records/{uid}/remove", page=records_at(visit)).status_code == 404
    assert doctor.submit(f"/records/{uid}/remove", page="/board").status_code == 409
    Visit.update(state="in_call").execute()
    left = doctor.submit(f"/records/{uid}/remove", page=records_at(visit), headers={"HX-Request": "true"})
    assert (left.status_code, 'id="records-list"' in left.text, uid in left.text) == (200, True, False)
    assert not Record.select().exists()


def test_only_the_doctor_who_has_the_visit_sees_the_list_and_gives(visit, sign_in):
    other = sign_in(make_staff())
    assert other.get(records_at(visit)).status_code == 404
    token = other.hidden_fields("/board")
    file = {"records": (BytesIO(jpeg()), "photo.jpg")}
    assert other.post(records_at(visit), data=token | file).status_code == 404
    assert sign_in(make_beneficiary()).get(records_at(visit)).status_code == 404
    Visit.update(state="completed").execute()
    assert sign_in(visit.doctor).get(records_at(visit)).status_code == 404
    crossing = {"HX-Request": "true"}  # the page asks once more while "Complete" leads away
    assert sign_in(visit.doctor).get(records_at(visit), headers=crossing).status_code == 204
    assert other.get(records_at(visit), headers=crossing).status_code == 404
