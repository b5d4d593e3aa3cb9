"""Who is on the roster, from the database: one query for a day, the same answers from the whole book."""

from datetime import date, timedelta

import pytest

from portal.core.clinic.models import SpecialtyHours
from portal.core.rosters import reading
from portal.core.rosters.models import DoctorDay, DoctorWeek, Leave
from tests.factories import make_specialty, make_staff

MONDAY = date(2026, 11, 23)


@pytest.fixture
def written(db, now):
    """Three doctors: with two patterns, with a day of its own, on leave."""
    one, other, third = make_staff(), make_staff(), make_staff()
    DoctorWeek.create(doctor=one, begins=MONDAY - timedelta(days=30), days="-------")
    DoctorWeek.create(doctor=one, begins=MONDAY, ends=MONDAY + timedelta(days=3), days="d12----")
    DoctorDay.create(doctor=other, day=MONDAY, part="2")
    Leave.create(doctor=third, day=MONDAY, at=now, by_uid="x")
    return one, other, third


def test_one_query_says_what_the_whole_book_says(written):
    specialty = make_specialty()
    whole = reading.book_of(specialty, MONDAY, MONDAY + timedelta(days=9))
    for day in (MONDAY + timedelta(days=step) for step in range(10)):
        assert reading.day_of(specialty, day).there(day) == whole.there(day)


def test_a_day_has_its_doctors_and_their_parts(written):
    one, other, _third = written
    assert reading.day_of(make_specialty(), MONDAY).there(MONDAY) == {one.id: "d", other.id: "2"}


def test_doctors_who_left_are_on_no_roster(db, now):
    make_staff(disabled_at=now)
    assert reading.day_of(make_specialty(), MONDAY).doctors == ()
    assert not reading.all_away(make_specialty(), MONDAY)


def test_the_next_day_held_skips_days_without_a_doctor_and_closed_ones(db):
    DoctorWeek.create(doctor=make_staff(), begins=MONDAY, days="d-ddddd")
    SpecialtyHours.create(specialty=make_specialty(), day=MONDAY + timedelta(days=2), is_open=False)
    assert reading.next_day_held(make_specialty(), MONDAY) == MONDAY + timedelta(days=3)


def test_a_specialty_without_any_day_ahead_has_none(db):
    DoctorWeek.create(doctor=make_staff(), begins=MONDAY, days="-------")
    assert reading.next_day_held(make_specialty(), MONDAY) is None
