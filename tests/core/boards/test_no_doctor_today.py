"""That no doctor is there today is told before the token form is filled, with the next day that has one."""

from datetime import timedelta

import pytest

from portal.base.clock import clinic_day
from portal.core.clinic.models import SpecialtyHours
from portal.core.rosters.models import DoctorDay, Leave
from portal.core.rosters.reading import why_no_token
from portal.core.visits.attendance import present
from portal.core.visits.models import Duty
from tests.factories import make_beneficiary, make_session, make_specialty, make_staff

FORM = "/tokens/new"


@pytest.fixture
def today(now):
    return clinic_day(now)


@pytest.fixture
def doctor(db):
    return make_staff("doctor")


def away(doctor, day, now):
    return Leave.create(doctor=doctor, day=day, at=now, by_uid="x")


def test_the_form_names_the_next_day_with_a_doctor(sign_in, doctor, today, now):
    make_staff("doctor", specialty=make_specialty(code="ortho", prefix="ORT"))
    away(doctor, today, now)
    page = sign_in(make_beneficiary()).get(FORM).text
    assert page.count("No doctor of this specialty is there today. The next day with a doctor is") == 1
    assert "No tokens just now" not in page


def test_of_the_chosen_one_and_of_the_only_one_it_stands_above_the_form(sign_in, doctor, today, now):
    away(doctor, today, now)
    page = sign_in(make_beneficiary()).get(FORM).text
    assert page.index("No tokens just now") < page.index('id="token-form"')


def test_a_specialty_with_a_doctor_has_no_such_remark(sign_in, doctor):
    assert "No doctor of this specialty" not in sign_in(make_beneficiary()).get(FORM).text


def test_the_desk_reads_it_before_too(sign_in, doctor, today, now):
    desk = make_staff("desk")
    person = make_beneficiary()
    away(doctor, today, now)
    page = sign_in(desk).get(f"/desk/tokens/new?person={person.uid}")
    assert (page.status_code, "The next day with a doctor is" in page.text) == (200, True)


def test_a_doctor_who_came_all_the_same_gives_tokens(doctor, today, now):
    away(doctor, today, now)
    assert why_no_token([make_specialty()], now, present)["medicine"]
    Duty.create(session=make_session(), doctor=doctor, state="on", changed_at=now)
    assert why_no_token([make_specialty()], now, present)["medicine"] == ""


def test_a_day_without_clinic_and_a_first_half_that_is_over_are_told(doctor, today, now):
    SpecialtyHours.create(specialty=make_specialty(), day=today, is_open=False)
    assert "It opens next on" in why_no_token([make_specialty()], now, present)["medicine"]
    SpecialtyHours.delete().execute()
    DoctorDay.create(doctor=doctor, day=today, part="1")
    assert why_no_token([make_specialty()], now, present)["medicine"] == ""
    assert (
        "The next day with a doctor" in why_no_token([make_specialty()], now + timedelta(hours=2), present)["medicine"]
    )
