"""Pages of private visits: doctor and desk give a code, the family types it."""

import re

import pytest

from portal.core.privacy.models import VisitCode
from portal.core.visits.models import Visit
from tests.factories import make_centre, make_session, make_specialty, make_staff, make_visit

CODE = re.compile(r"\b(\d{3}) (\d{3})\b")


@pytest.fixture
def visit(db) -> Visit:
    """A past visit to psychiatry."""
    return make_visit("completed", session=make_session(specialty=make_specialty("psychiatry")))


def code_on(page: str) -> str:
    return "".join(CODE.search(page[page.index('id="given"') :]).groups())


def test_the_doctor_gives_a_code_in_the_call(visit, sign_in) -> None:
    doctor = make_staff("doctor", specialty=visit.session.specialty)
    live = make_visit("in_call", session=visit.session, beneficiary=visit.beneficiary, doctor=doctor)
    answer = sign_in(doctor).submit(f"/visits/{live.uid}/code", page="/help", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    code = code_on(answer.text)
    family = sign_in(visit.beneficiary)
    assert family.submit(f"/visits/{visit.uid}/open", {"code": code}).status_code == 303
    assert "This visit is private" not in family.get(f"/visits/{visit.uid}").text


@pytest.mark.parametrize("state", ["waiting", "completed"])
def test_a_doctor_gives_none_to_whom_he_has_not_now(visit, sign_in, state) -> None:
    doctor = make_staff("doctor")
    other = make_visit(state, doctor=doctor)
    assert sign_in(doctor).submit(f"/visits/{other.uid}/code", page="/help").status_code == 404
    assert sign_in(make_staff("doctor")).submit(f"/visits/{visit.uid}/code", page="/help").status_code == 404


@pytest.mark.parametrize("number", ["patient_id", "ben_id"])
def test_the_desk_gives_a_code_by_the_whole_number_after_a_check(visit, sign_in, number) -> None:
    desk, person = sign_in(make_staff("desk")), visit.beneficiary
    wanted = {"number": person.patient_id if number == "patient_id" else person.entry.ben_id, "identity": "yes"}
    code = code_on(desk.submit("/desk/codes", wanted).text)
    assert sign_in(person).submit(f"/visits/{visit.uid}/open", {"code": code}).status_code == 303


@pytest.mark.parametrize(
    ("wanted", "field"),
    [({"number": "1", "identity": "yes"}, "number"), ({"number": "", "identity": "yes"}, "number"), ({}, "number")],
)
def test_the_desk_finds_nobody_by_part_of_a_number(visit, sign_in, wanted, field) -> None:
    answer = sign_in(make_staff("desk")).submit("/desk/codes", wanted)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def test_the_desk_finds_nobody_of_another_centre(visit, sign_in) -> None:
    elsewhere, wanted = make_staff("desk", centre=make_centre("02")), {"number": visit.beneficiary.patient_id}
    answer = sign_in(elsewhere).submit("/desk/codes", wanted | {"identity": "yes"})
    assert (answer.status_code, 'id="number-error"' in answer.text) == (422, True)
    assert VisitCode.select().count() == 0


def test_without_the_check_the_desk_gives_no_code(visit, sign_in) -> None:
    answer = sign_in(make_staff("desk")).submit("/desk/codes", {"number": visit.beneficiary.patient_id})
    assert answer.status_code == 422
    assert VisitCode.select().count() == 0


def test_a_wrong_code_is_said_beside_its_field(visit, sign_in) -> None:
    answer = sign_in(visit.beneficiary).submit(f"/visits/{visit.uid}/open", {"code": "000000"})
    assert answer.status_code == 422
    assert 'id="code-error"' in answer.text


def test_a_visit_that_is_not_closed_needs_no_code(sign_in) -> None:
    visit = make_visit("completed")
    answer = sign_in(visit.beneficiary).get(f"/visits/{visit.uid}/open")
    assert (answer.status_code, answer.location) == (303, f"/visits/{visit.uid}")


def test_another_familys_visit_is_not_found(visit, sign_in) -> None:
    other = sign_in(make_visit("completed").beneficiary)
    assert other.get(f"/visits/{visit.uid}/open").status_code == 404
    assert other.submit(f"/visits/{visit.uid}/open", {"code": "123456"}, page="/home").status_code == 404
